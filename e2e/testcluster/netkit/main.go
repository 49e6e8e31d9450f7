// netkit: what the test workload's containers are made of. One static program, a role per name.
//
//	netkit serve ADDR... [call EVERY ADDR]
//	                                     HTTP answers; a raw line is echoed, so that connections can stay open
//	netkit call EVERY ADDR               a fresh connection each EVERY; one line a try: "ok N" or "failed N: why"
//	netkit hold EVERY ADDR               one connection kept open; one line a beat
//	netkit forward FROM TO [CERT KEY]    pass connections on; an address with a slash is a unix socket;
//	                                     with a certificate FROM speaks TLS
//	netkit dial ADDR                     connect once; prints "connected" or fails within 2 s
//	curl [-s] [-k] [-m S] [-X M] [-H 'K: V'] [-d TEXT] URL
//	                                     enough of curl for a pod that calls the Kubernetes API
package main

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const patience = 2 * time.Second

func main() {
	name, args := filepath.Base(os.Args[0]), os.Args[1:]
	if name != "curl" {
		if len(args) < 2 {
			fail(2, "usage: netkit serve|call|hold|forward|dial …")
		}
		name, args = args[0], args[1:]
	}
	switch {
	case name == "serve":
		serve(args)
	case name == "call" && len(args) == 2:
		callEvery(args[0], args[1])
	case name == "hold" && len(args) == 2:
		hold(args[0], args[1])
	case name == "forward" && (len(args) == 2 || len(args) == 4):
		forward(args[0], args[1], args[2:])
	case name == "dial":
		conn, err := net.DialTimeout("tcp", args[0], patience)
		if err != nil {
			fail(1, err.Error())
		}
		fmt.Println("connected", conn.RemoteAddr())
	case name == "curl":
		curl(args)
	default:
		fail(2, "unknown use of netkit: "+strings.Join(os.Args[1:], " "))
	}
}

func fail(code int, message string) {
	fmt.Fprintln(os.Stderr, message)
	os.Exit(code)
}

func serve(args []string) {
	for i, address := range args {
		if address == "call" && len(args) == i+3 {
			callEvery(args[i+1], args[i+2])
		}
		listener, err := net.Listen("tcp", address)
		if err != nil {
			fail(1, err.Error())
		}
		go func() {
			for {
				if conn, err := listener.Accept(); err == nil {
					go answer(conn)
				}
			}
		}()
	}
	select {}
}

func forward(from, to string, keys []string) {
	listener, err := net.Listen(network(from), from)
	if err == nil && network(from) == "unix" {
		err = os.Chmod(from, 0o600)
	}
	if err == nil && len(keys) == 2 {
		var pair tls.Certificate
		pair, err = tls.LoadX509KeyPair(keys[0], keys[1])
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{pair}})
	}
	if err != nil {
		fail(1, err.Error())
	}
	for {
		inner, err := listener.Accept()
		if err != nil {
			fail(1, err.Error())
		}
		go func() {
			defer inner.Close()
			outer, err := net.DialTimeout(network(to), to, patience)
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				return
			}
			defer outer.Close()
			done := make(chan struct{}, 2)
			pass := func(to, from net.Conn) {
				io.Copy(to, from)
				done <- struct{}{}
			}
			go pass(outer, inner)
			go pass(inner, outer)
			// Either end closing ends both: no protocol here needs half-open connections.
			<-done
		}()
	}
}

func network(address string) string {
	if strings.Contains(address, "/") {
		return "unix"
	}
	return "tcp"
}

func answer(conn net.Conn) {
	defer conn.Close()
	reader := bufio.NewReader(conn)
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return
		}
		if strings.Contains(line, " HTTP/1.") {
			for line != "\r\n" && err == nil {
				line, err = reader.ReadString('\n')
			}
			fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n")
			return
		}
		fmt.Fprint(conn, line)
	}
}

func every(period string, work func(n int) error) {
	pause, err := time.ParseDuration(period)
	if err != nil {
		fail(2, err.Error())
	}
	for n := 1; ; n++ {
		if err := work(n); err != nil {
			fmt.Printf("%s failed %d: %v\n", time.Now().UTC().Format(time.RFC3339Nano), n, err)
		} else {
			fmt.Printf("%s ok %d\n", time.Now().UTC().Format(time.RFC3339Nano), n)
		}
		time.Sleep(pause)
	}
}

func callEvery(period, address string) {
	every(period, func(int) error { return call(address) })
}

func call(address string) error {
	conn, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		return err
	}
	return beat(conn, true)
}

func beat(conn net.Conn, last bool) error {
	if last {
		defer conn.Close()
	}
	conn.SetDeadline(time.Now().Add(patience))
	fmt.Fprintln(conn, "ping")
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && line != "ping\n" {
		err = fmt.Errorf("answered %q", line)
	}
	return err
}

func hold(period, address string) {
	conn, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		fail(1, err.Error())
	}
	every(period, func(int) error { return beat(conn, false) })
}

func curl(args []string) {
	method, body, url, limit := "", "", "", 10*time.Second
	header := http.Header{}
	for i := 0; i < len(args); i++ {
		value := func() string {
			i++
			if i >= len(args) {
				fail(2, "curl: option "+args[i-1]+": requires parameter")
			}
			return args[i]
		}
		switch arg := args[i]; {
		case arg == "-s" || arg == "-k" || arg == "-sk" || arg == "-ks":
		case arg == "-X":
			method = value()
		case arg == "-d":
			body = value()
		case arg == "-m":
			if seconds, err := time.ParseDuration(value() + "s"); err == nil {
				limit = seconds
			}
		case arg == "-H":
			key, text, _ := strings.Cut(value(), ":")
			header.Add(key, strings.TrimSpace(text))
		case strings.HasPrefix(arg, "-"):
			fail(2, "curl: option "+arg+": is unknown")
		default:
			url = arg
		}
	}
	if method == "" && body != "" {
		method = http.MethodPost
	}
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		fail(3, "curl: (3) "+err.Error())
	}
	request.Header = header
	if header.Get("User-Agent") == "" {
		header.Set("User-Agent", "curl/7.88.1")
	}
	client := http.Client{
		Timeout:   limit,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
	}
	response, err := client.Do(request)
	if err != nil {
		fail(7, "curl: (7) "+err.Error())
	}
	defer response.Body.Close()
	io.Copy(os.Stdout, io.LimitReader(response.Body, 1<<20))
}
