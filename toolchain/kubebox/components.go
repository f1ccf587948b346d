//go:build !lean

package main

import (
	"os"
	_ "time/tzdata" // time zones of CronJobs, on a machine that has none

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

func runEtcd([]string) int {
	etcdmain.Main(os.Args)
	return 0
}

func runAPIServer([]string) int { return cli.Run(apiserver.NewAPIServerCommand()) }

func runControllerManager([]string) int {
	return cli.Run(controllermanager.NewControllerManagerCommand())
}

func runScheduler([]string) int { return cli.Run(scheduler.NewSchedulerCommand()) }

func init() {
	components["etcd"] = runEtcd
	components["kube-apiserver"] = runAPIServer
	components["kube-controller-manager"] = runControllerManager
	components["kube-scheduler"] = runScheduler
}
