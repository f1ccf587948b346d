// One CronJob and one query for every report.
local reports = {
  revenue: { at: '10 2 * * *', query: 'select day, sum(total) from orders group by day' },
  stock: { at: '30 3 * * *', query: 'select sku, on_hand from stock where on_hand < 10' },
};

local names = std.objectFields(reports);

function(retentionDays=7)
  [{
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'report-queries' },
    data: { [name + '.sql']: reports[name].query for name in names },
  }] + [{
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'report-' + name },
    spec: {
      schedule: reports[name].at,
      concurrencyPolicy: 'Forbid',
      jobTemplate: { spec: { template: { spec: {
        restartPolicy: 'OnFailure',
        containers: [{
          name: 'report',
          image: 'registry.example.com/shop/reports:1.9.2',
          args: ['/queries/%s.sql' % name, '--keep-days=%d' % retentionDays],
          volumeMounts: [{ name: 'queries', mountPath: '/queries' }],
        }],
        volumes: [{ name: 'queries', configMap: { name: 'report-queries' } }],
      } } } },
    },
  } for name in names]
