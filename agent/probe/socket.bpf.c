/* Sockets: both ends are read from the kernel's socket at exit, not from what the program passed. */

#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define AF_NETLINK 16
#define S_IFMT 0170000
#define S_IFSOCK 0140000

static __always_inline struct sock *sock_of(struct task_struct *task, __s32 fd)
{
	struct file *file = file_of(task, fd);
	struct socket *socket;

	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return NULL;
	socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, sk);
}

static __always_inline void fill_unix(struct ev_socket *e, struct sock *sk)
{
	struct unix_sock *u = (struct unix_sock *)sk, *peer;
	struct unix_address *addr = BPF_CORE_READ(u, addr);
	__u64 len;

	peer = (void *)BPF_CORE_READ(u, peer);

	if (!addr && peer)
		addr = BPF_CORE_READ(peer, addr);
	if (!addr)
		return;
	len = BPF_CORE_READ(addr, len);
	if (len > 110)
		len = 110;
	barrier_var(len);
	if (len > 110)
		return;
	bpf_probe_read_kernel(e->sockaddr, len,
			      (void *)addr + bpf_core_type_size(struct unix_address));
	e->sockaddr_len = len;
}

static __always_inline void fill_ends(struct ev_socket *e, struct sock *sk)
{
	e->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	e->type = BPF_CORE_READ(sk, sk_type);
	e->protocol = BPF_CORE_READ(sk, sk_protocol);
	if (e->family == AF_INET || e->family == AF_INET6) {
		e->local_port = BPF_CORE_READ(sk, __sk_common.skc_num);
		e->remote_port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	}
	if (e->family == AF_INET) {
		BPF_CORE_READ_INTO((__u32 *)e->local_ip, sk, __sk_common.skc_rcv_saddr);
		BPF_CORE_READ_INTO((__u32 *)e->remote_ip, sk, __sk_common.skc_daddr);
	} else if (e->family == AF_INET6) {
		bpf_core_read(e->local_ip, 16, &sk->__sk_common.skc_v6_rcv_saddr);
		bpf_core_read(e->remote_ip, 16, &sk->__sk_common.skc_v6_daddr);
	}
}

static __always_inline void fill_sockaddr(struct ev_socket *e, const void *user, __u64 len)
{
	if (len > 110)
		len = 110;
	barrier_var(len);
	if (len > 110)
		return;
	if (bpf_probe_read_user(e->sockaddr, len, user)) {
		e->h.flags |= EV_FAULT;
		count_drop(EV_DROP_FAULT);
		return;
	}
	e->sockaddr_len = len;
}

/* passed: the address argument, or NULL to take a unix socket's own name. */
static __always_inline int socket_exit(__u16 code, long res, __s32 fd, __s32 fd2, __u32 arg, const void *passed,
				       __u64 passed_len)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ev_socket *e;
	bool in_container;
	__u64 cgroup_id;
	struct sock *sk;

	if (skipped(task))
		return 0;
	cgroup_id = cgroup_of(task, &in_container, FOR_EVENT);
	e = bpf_ringbuf_reserve(&ring, sizeof *e, 0);
	if (!e) {
		count_drop(EV_DROP_RING_FULL);
		return 0;
	}
	__builtin_memset(&e->fd, 0, sizeof *e - sizeof e->h);
	fill_header(&e->h, task, EV_SOCKET, res, cgroup_id);
	e->h.syscall = code;
	e->fd = fd;
	e->fd2 = fd2;
	e->arg = arg;
	sk = sock_of(task, fd);
	if (sk)
		fill_ends(e, sk);
	if (passed)
		fill_sockaddr(e, passed, passed_len);
	else if (sk && e->family == AF_UNIX)
		fill_unix(e, sk);
	bpf_ringbuf_submit(e, wake_flag(sizeof *e));
	return 0;
}

static __always_inline bool port_wanted(__u16 port)
{
	return connect_ports[port >> 6] >> (port & 63) & 1;
}

/* The port that the program passed, and that of the socket, which another program may have redirected. */
static __always_inline bool connect_wanted(struct task_struct *task, __s32 fd, const void *user)
{
	struct {
		__u16 family, port;
	} passed = {};
	struct sock *sk;
	__u16 family;

	if (bpf_probe_read_user(&passed, sizeof passed, user))
		return true;
	if ((passed.family == AF_INET || passed.family == AF_INET6) && port_wanted(bpf_ntohs(passed.port)))
		return true;
	sk = sock_of(task, fd);
	if (!sk)
		return false;
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	return (family == AF_INET || family == AF_INET6) &&
	       port_wanted(bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport)));
}

SEC("tp/syscalls/sys_exit_connect")
int sys_connect(struct trace_event_raw_sys_exit *ctx)
{
	struct pt_regs *regs = current_regs();

	if (!all_connects) {
		struct task_struct *task = bpf_get_current_task_btf();
		bool in_container;

		cgroup_of(task, &in_container, FOR_EVENT);
		if (!in_container &&
		    !connect_wanted(task, PT_REGS_PARM1_SYSCALL(regs), (void *)PT_REGS_PARM2_SYSCALL(regs)))
			return 0;
	}
	return socket_exit(EV_SC_connect, ctx->ret, PT_REGS_PARM1_SYSCALL(regs), -1, 0,
			   (void *)PT_REGS_PARM2_SYSCALL(regs), PT_REGS_PARM3_SYSCALL(regs));
}

SEC("tp/syscalls/sys_exit_bind")
int sys_bind(struct trace_event_raw_sys_exit *ctx)
{
	struct pt_regs *regs = current_regs();
	return socket_exit(EV_SC_bind, ctx->ret, PT_REGS_PARM1_SYSCALL(regs), -1, 0,
			   (void *)PT_REGS_PARM2_SYSCALL(regs), PT_REGS_PARM3_SYSCALL(regs));
}

SEC("tp/syscalls/sys_exit_listen")
int sys_listen(struct trace_event_raw_sys_exit *ctx)
{
	struct pt_regs *regs = current_regs();
	return socket_exit(EV_SC_listen, ctx->ret, PT_REGS_PARM1_SYSCALL(regs), -1, PT_REGS_PARM2_SYSCALL(regs),
			   NULL, 0);
}

SEC("tp/syscalls/sys_exit_accept")
int sys_accept(struct trace_event_raw_sys_exit *ctx)
{
	struct pt_regs *regs = current_regs();
	if (ctx->ret == -11) /* EAGAIN: an event loop found nothing */
		return 0;
	return socket_exit(EV_SC_accept, ctx->ret, ctx->ret, PT_REGS_PARM1_SYSCALL(regs), 0, NULL, 0);
}

SEC("tp/syscalls/sys_exit_accept4")
int sys_accept4(struct trace_event_raw_sys_exit *ctx)
{
	struct pt_regs *regs = current_regs();
	if (ctx->ret == -11)
		return 0;
	return socket_exit(EV_SC_accept4, ctx->ret, ctx->ret, PT_REGS_PARM1_SYSCALL(regs),
			   PT_REGS_PARM4_SYSCALL(regs), NULL, 0);
}

/* Of dup only what a reverse shell does is wanted: a socket put on standard input, output or error. */
static __always_inline int dup_exit(__u16 code, long res, __u32 command)
{
	struct pt_regs *regs = current_regs();

	if (res < 0 || res > 2 || !sock_of(bpf_get_current_task_btf(), res))
		return 0;
	return socket_exit(code, res, res, PT_REGS_PARM1_SYSCALL(regs), command, NULL, 0);
}

SEC("tp/syscalls/sys_exit_dup")
int sys_dup(struct trace_event_raw_sys_exit *ctx)
{
	return dup_exit(EV_SC_dup, ctx->ret, 0);
}

SEC("tp/syscalls/sys_exit_dup2")
int sys_dup2(struct trace_event_raw_sys_exit *ctx)
{
	return dup_exit(EV_SC_dup2, ctx->ret, 0);
}

SEC("tp/syscalls/sys_exit_dup3")
int sys_dup3(struct trace_event_raw_sys_exit *ctx)
{
	return dup_exit(EV_SC_dup3, ctx->ret, 0);
}

#define F_DUPFD 0
#define F_DUPFD_CLOEXEC 1030

SEC("tp/syscalls/sys_exit_fcntl")
int sys_fcntl(struct trace_event_raw_sys_exit *ctx)
{
	struct pt_regs *regs = current_regs();
	__u64 command = PT_REGS_PARM2_SYSCALL(regs);

	return command == F_DUPFD || command == F_DUPFD_CLOEXEC ? dup_exit(EV_SC_fcntl, ctx->ret, command) : 0;
}

/* arg: family, type, protocol, as passed */
SEC("tp/syscalls/sys_exit_socket")
int sys_socket(struct trace_event_raw_sys_exit *ctx)
{
	struct pt_regs *regs = current_regs();
	__u64 family = PT_REGS_PARM1_SYSCALL(regs);
	struct call_record *rec;

	if (!all_sockets && (family == AF_UNIX || family == AF_INET || family == AF_INET6 || family == AF_NETLINK))
		return 0;
	rec = begin_call(EV_SC_socket, ctx->ret);
	if (rec)
		end_call(rec, 0);
	return 0;
}
