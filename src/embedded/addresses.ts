// What a cloud would give: addresses for Ingresses and for Services of type LoadBalancer. Nobody answers there (the range is
// for documentation, RFC 5737), but what waits for an address becomes healthy.

const address = '203.0.113.10';

function stage(name: string, resourceRef: string, selector: string): string {
  return `---
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata:
  name: ${name}
spec:
  resourceRef: ${resourceRef}
  selector:
    matchExpressions:
      - {key: .status.loadBalancer.ingress, operator: DoesNotExist}
      - {key: .metadata.deletionTimestamp, operator: DoesNotExist}
${selector}  next:
    statusTemplate: |
      loadBalancer:
        ingress:
          - ip: ${address}
`;
}

/** Stages for kwok, as a stream of YAML. */
export const addressStages =
  stage('ingress-address', '{apiGroup: networking.k8s.io/v1, kind: Ingress}', '') +
  stage(
    'service-address',
    '{apiGroup: v1, kind: Service}',
    "      - {key: .spec.type, operator: In, values: ['LoadBalancer']}\n",
  );
