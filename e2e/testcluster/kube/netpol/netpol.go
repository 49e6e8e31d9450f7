// Package netpol enforces NetworkPolicy (networking.k8s.io/v1) on ONE node by nftables. It is the test
// cluster's own engine: the object, the API server's validation and audit, and the dropped packets are
// real; a production CNI's timing and extensions are not shown by it. It knows IPv4 only.
//
// Established flows are accepted, as several CNIs do: a connection that was open before a policy came
// lives on. That is why a quarantine names the connections it may not cut.
package netpol

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sort"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

// Main watches policies, pods and namespaces until it is killed and applies each new ruleset atomically.
func Main(kubeconfig string) int {
	cfg, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	cs := kubernetes.NewForConfigOrDie(cfg)
	f := informers.NewSharedInformerFactory(cs, 0)
	kick := make(chan struct{}, 1)
	poke := func() {
		select {
		case kick <- struct{}{}:
		default:
		}
	}
	h := cache.ResourceEventHandlerFuncs{AddFunc: func(any) { poke() }, UpdateFunc: func(any, any) { poke() }, DeleteFunc: func(any) { poke() }}
	pods, nss, nps := f.Core().V1().Pods(), f.Core().V1().Namespaces(), f.Networking().V1().NetworkPolicies()
	for _, informer := range []cache.SharedIndexInformer{pods.Informer(), nss.Informer(), nps.Informer()} {
		if _, err := informer.AddEventHandler(h); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	f.Start(context.Background().Done())
	f.WaitForCacheSync(context.Background().Done())
	last := ""
	for range kick {
		// Changes come in bursts (a Deployment's pods): one render for all of a burst.
		time.Sleep(50 * time.Millisecond)
		ps, _ := pods.Lister().List(labels.Everything())
		ns, _ := nss.Lister().List(labels.Everything())
		np, _ := nps.Lister().List(labels.Everything())
		r := Render(ps, ns, np)
		if r == last {
			continue
		}
		c := exec.Command("nft", "-f", "-")
		c.Stdin = strings.NewReader(r)
		if out, err := c.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "nft: %v %s\n%s\n", err, out, r)
			continue
		}
		last = r
		fmt.Fprintf(os.Stderr, "%s applied %d policies, %d pods\n", time.Now().Format(time.RFC3339Nano), len(np), len(ps))
	}
	return 0
}

func sel(s *metav1.LabelSelector) labels.Selector {
	x, err := metav1.LabelSelectorAsSelector(s)
	if err != nil {
		return labels.Nothing()
	}
	return x
}

func live(p *corev1.Pod) bool {
	return p.Status.PodIP != "" && !p.Spec.HostNetwork && p.Status.Phase != corev1.PodSucceeded && p.Status.Phase != corev1.PodFailed
}

// Render writes the whole ruleset: per policy one accept chain per direction, per isolated pod a jump and a drop.
func Render(pods []*corev1.Pod, nss []*corev1.Namespace, nps []*netv1.NetworkPolicy) string {
	nsl := map[string]labels.Set{}
	for _, n := range nss {
		nsl[n.Name] = n.Labels
	}
	sort.Slice(pods, func(i, j int) bool { return pods[i].Status.PodIP < pods[j].Status.PodIP })
	sort.Slice(nps, func(i, j int) bool { return nps[i].Namespace+"/"+nps[i].Name < nps[j].Namespace+"/"+nps[j].Name })
	var b strings.Builder
	b.WriteString("table inet netpol\ndelete table inet netpol\ntable inet netpol {\n")
	in, out := map[string][]string{}, map[string][]string{}
	for i, np := range nps {
		ing, eg := false, false
		for _, t := range np.Spec.PolicyTypes {
			ing, eg = ing || t == netv1.PolicyTypeIngress, eg || t == netv1.PolicyTypeEgress
		}
		s := sel(&np.Spec.PodSelector)
		for _, p := range pods {
			if live(p) && p.Namespace == np.Namespace && s.Matches(labels.Set(p.Labels)) {
				if ing {
					in[p.Status.PodIP] = append(in[p.Status.PodIP], fmt.Sprintf("p%di", i))
				}
				if eg {
					out[p.Status.PodIP] = append(out[p.Status.PodIP], fmt.Sprintf("p%de", i))
				}
			}
		}
		fmt.Fprintf(&b, " chain p%di { comment \"%s/%s ingress\"\n", i, np.Namespace, np.Name)
		for _, r := range np.Spec.Ingress {
			rule(&b, "saddr", np.Namespace, r.From, r.Ports, pods, nsl)
		}
		fmt.Fprintf(&b, " }\n chain p%de { comment \"%s/%s egress\"\n", i, np.Namespace, np.Name)
		for _, r := range np.Spec.Egress {
			rule(&b, "daddr", np.Namespace, r.To, r.Ports, pods, nsl)
		}
		b.WriteString(" }\n")
	}
	b.WriteString(" chain ingress {\n")
	dump(&b, in, "daddr")
	b.WriteString(" }\n chain egress {\n")
	dump(&b, out, "saddr")
	// An accept would end the forward hook before the other direction is judged: chains set a mark bit instead.
	b.WriteString(" }\n chain forward { type filter hook forward priority 0; policy accept;\n  ct state established,related accept\n  jump egress\n  jump ingress\n }\n}\n")
	return b.String()
}

// dump: a pod that any policy selects is closed, save for what one of its policies marked.
func dump(b *strings.Builder, m map[string][]string, dir string) {
	ips := make([]string, 0, len(m))
	for ip := range m {
		ips = append(ips, ip)
	}
	sort.Strings(ips)
	for _, ip := range ips {
		fmt.Fprintf(b, "  ip %s %s meta mark set meta mark and 0xfffeffff\n", dir, ip)
		for _, c := range m[ip] {
			fmt.Fprintf(b, "  ip %s %s jump %s\n", dir, ip, c)
		}
		fmt.Fprintf(b, "  ip %s %s meta mark and 0x10000 == 0 counter drop\n", dir, ip)
	}
}

// rule writes one NetworkPolicy rule as the product of its peers and ports; each match marks the packet.
func rule(b *strings.Builder, dir, ns string, peers []netv1.NetworkPolicyPeer, ports []netv1.NetworkPolicyPort, pods []*corev1.Pod, nsl map[string]labels.Set) {
	var ms []string
	if len(peers) == 0 {
		ms = []string{""}
	}
	for _, p := range peers {
		if p.IPBlock != nil {
			m := fmt.Sprintf("ip %s %s ", dir, p.IPBlock.CIDR)
			if len(p.IPBlock.Except) > 0 {
				m += fmt.Sprintf("ip %s != { %s } ", dir, strings.Join(p.IPBlock.Except, ", "))
			}
			ms = append(ms, m)
			continue
		}
		var ips []string
		for _, q := range pods {
			if !live(q) || (p.NamespaceSelector == nil && q.Namespace != ns) ||
				(p.NamespaceSelector != nil && !sel(p.NamespaceSelector).Matches(nsl[q.Namespace])) ||
				(p.PodSelector != nil && !sel(p.PodSelector).Matches(labels.Set(q.Labels))) {
				continue
			}
			ips = append(ips, q.Status.PodIP)
		}
		if len(ips) > 0 {
			ms = append(ms, fmt.Sprintf("ip %s { %s } ", dir, strings.Join(ips, ", ")))
		}
	}
	pp := []string{""}
	if len(ports) > 0 {
		pp = nil
	}
	for _, p := range ports {
		proto := "tcp"
		if p.Protocol != nil {
			proto = strings.ToLower(string(*p.Protocol))
		}
		switch {
		case p.Port == nil:
			pp = append(pp, "meta l4proto "+proto+" ")
		case p.Port.Type == intstr.Int && p.EndPort != nil:
			pp = append(pp, fmt.Sprintf("%s dport %d-%d ", proto, p.Port.IntVal, *p.EndPort))
		case p.Port.Type == intstr.Int:
			pp = append(pp, fmt.Sprintf("%s dport %d ", proto, p.Port.IntVal))
		default: // named ports: resolved against every pod that has the name
			for _, q := range pods {
				for _, c := range q.Spec.Containers {
					for _, cp := range c.Ports {
						if cp.Name == p.Port.StrVal && live(q) {
							pp = append(pp, fmt.Sprintf("ip daddr %s %s dport %d ", q.Status.PodIP, proto, cp.ContainerPort))
						}
					}
				}
			}
		}
	}
	for _, m := range ms {
		for _, p := range pp {
			fmt.Fprintf(b, "  %s%smeta mark set meta mark or 0x10000 return\n", m, p)
		}
	}
}
