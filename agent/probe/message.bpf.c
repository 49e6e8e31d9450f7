/* Messages. Of what is sent, only datagrams: the first one of a socket to each peer that follows another, and all
 * to port 53. What is received is for rules that ask for its content, so every message of an internet socket. */

#define SOCK_STREAM 1
#define DNS_PORT 53
#define DNS_MESSAGE_MAX 1024 /* no query is longer */
#define PEERS_MAX 8192

struct message_record {
	struct ev_socket e;
	char data[EV_DATA_BYTES_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct message_record);
} message_scratch SEC(".maps");

struct message_socket {
	__u64 address;
	__u64 inode; /* an address is used again, the pair is not */
};

struct message_peer {
	__u64 ip[2];
	__u64 port;
};

/* Whom a socket exchanged its last datagram with. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, PEERS_MAX);
	__type(key, struct message_socket);
	__type(value, struct message_peer);
} last_peers SEC(".maps");

struct message {
	const void *address; /* struct sockaddr of the program, or NULL */
	__u64 address_len;
	const void *data;
	__u64 data_len;
};

struct passed_peer {
	__u16 family;
	__u16 port; /* network order, as in struct sockaddr_in and _in6 */
	__u32 ip4;
	__u64 ip6[2];
};

/* Remembers the peer. True if it is another one than before. */
static __always_inline bool is_new_peer(struct task_struct *task, struct sock *sk, __s32 fd,
					const struct passed_peer *peer)
{
	struct message_socket key = { .address = (__u64)sk,
				      .inode = BPF_CORE_READ(file_of(task, fd), f_inode, i_ino) };
	struct message_peer now = { .port = peer->port }, *before;

	if (peer->family == AF_INET) {
		now.ip[0] = peer->ip4;
	} else {
		now.ip[0] = peer->ip6[0];
		now.ip[1] = peer->ip6[1];
	}
	before = bpf_map_lookup_elem(&last_peers, &key);
	if (before && before->ip[0] == now.ip[0] && before->ip[1] == now.ip[1] && before->port == now.port)
		return false;
	bpf_map_update_elem(&last_peers, &key, &now, BPF_ANY);
	return true;
}

static __always_inline int send_message(__u16 code, long res, __s32 fd, const struct message *m, __u16 flags)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct message_record *rec;
	bool in_container;
	__u64 cgroup_id, len;
	struct sock *sk;
	__u32 zero = 0;

	cgroup_id = cgroup_of(task, &in_container, FOR_EVENT);
	rec = bpf_map_lookup_elem(&message_scratch, &zero);
	if (!rec)
		return 0;
	__builtin_memset(&rec->e.fd, 0, sizeof rec->e - sizeof rec->e.h);
	fill_header(&rec->e.h, task, EV_SOCKET, res, cgroup_id);
	rec->e.h.syscall = code;
	rec->e.h.flags = flags;
	rec->e.fd = fd;
	rec->e.fd2 = -1;
	rec->e.arg = m->data_len;
	sk = sock_of(task, fd);
	if (sk)
		fill_ends(&rec->e, sk);
	if (m->address)
		fill_sockaddr(&rec->e, m->address, m->address_len);
	len = m->data_len;
	if (len > EV_DATA_BYTES_MAX)
		len = EV_DATA_BYTES_MAX;
	barrier_var(len);
	if (len > EV_DATA_BYTES_MAX || bpf_probe_read_user(rec->data, len, m->data))
		len = 0;
	barrier_var(len);
	if (len <= EV_DATA_BYTES_MAX)
		output(rec, sizeof rec->e + len);
	return 0;
}

/* The checks go from cheap to dear: a stream's send ends after reading the socket's type. */
static __always_inline int sent(__u16 code, long res, __s32 fd, const struct message *m)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct passed_peer peer = {};
	struct socket *socket;
	struct sock *sk;
	__u16 family;
	bool is_new;

	if (res < 0 || (!m->address && m->data_len > DNS_MESSAGE_MAX))
		return 0;
	socket = BPF_CORE_READ(file_of(task, fd), private_data); /* a socket, for the call succeeded */
	if (BPF_CORE_READ(socket, type) == SOCK_STREAM || skipped(task))
		return 0;
	sk = BPF_CORE_READ(socket, sk);
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if (family != AF_INET && family != AF_INET6)
		return 0;
	if (!m->address || m->address_len < 8)
		return BPF_CORE_READ(sk, __sk_common.skc_dport) == bpf_htons(DNS_PORT) ?
			       send_message(code, res, fd, m, 0) :
			       0;
	bpf_probe_read_user(&peer, m->address_len < sizeof peer ? 8 : sizeof peer, m->address);
	is_new = is_new_peer(task, sk, fd, &peer);
	if (!is_new && peer.port != bpf_htons(DNS_PORT))
		return 0;
	return send_message(code, res, fd, m, is_new ? EV_NEW_PEER : 0);
}

static __always_inline void read_header(const void *user, struct message *m)
{
	struct user_msghdr header = {};
	struct iovec first = {};

	if (bpf_probe_read_user(&header, sizeof header, user))
		return;
	m->address = header.msg_name;
	m->address_len = header.msg_namelen;
	if (header.msg_iovlen && !bpf_probe_read_user(&first, sizeof first, header.msg_iov)) {
		m->data = first.iov_base;
		m->data_len = first.iov_len;
	}
}

SEC("tp/syscalls/sys_exit_sendto")
int sys_sendto(struct trace_event_raw_sys_exit *ctx)
{
	struct pt_regs *regs = current_regs();
	struct message m = { .address = (void *)PT_REGS_PARM5_SYSCALL(regs), .address_len = CALL_PARM6(regs),
			     .data = (void *)PT_REGS_PARM2_SYSCALL(regs), .data_len = PT_REGS_PARM3_SYSCALL(regs) };

	return sent(EV_SC_sendto, ctx->ret, PT_REGS_PARM1_SYSCALL(regs), &m);
}

SEC("tp/syscalls/sys_exit_sendmsg")
int sys_sendmsg(struct trace_event_raw_sys_exit *ctx)
{
	struct pt_regs *regs = current_regs();
	struct message m = {};

	read_header((void *)PT_REGS_PARM2_SYSCALL(regs), &m);
	return sent(EV_SC_sendmsg, ctx->ret, PT_REGS_PARM1_SYSCALL(regs), &m);
}

/* Its first two messages: what resolvers send at once. */
SEC("tp/syscalls/sys_exit_sendmmsg")
int sys_sendmmsg(struct trace_event_raw_sys_exit *ctx)
{
	struct pt_regs *regs = current_regs();
	struct mmsghdr *messages = (void *)PT_REGS_PARM2_SYSCALL(regs);

	for (int i = 0; i < 2 && i < ctx->ret; i++) {
		struct message m = {};
		read_header(messages + i, &m);
		sent(EV_SC_sendmmsg, ctx->ret, PT_REGS_PARM1_SYSCALL(regs), &m);
	}
	return 0;
}

static __always_inline int received(__u16 code, long res, __s32 fd, struct message *m)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct passed_peer peer = {};
	bool is_new = false;
	struct sock *sk;
	__u16 family;

	if (res <= 0 || skipped(task))
		return 0;
	sk = sock_of(task, fd);
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if (!sk || (family != AF_INET && family != AF_INET6))
		return 0;
	if ((__u64)res < m->data_len)
		m->data_len = res;
	if (m->address && m->address_len >= 8 && BPF_CORE_READ(sk, sk_type) != SOCK_STREAM) {
		bpf_probe_read_user(&peer, m->address_len < sizeof peer ? 8 : sizeof peer, m->address);
		is_new = is_new_peer(task, sk, fd, &peer);
	}
	return send_message(code, res, fd, m, is_new ? EV_NEW_PEER : 0);
}

SEC("tp/syscalls/sys_exit_recvfrom")
int sys_recvfrom(struct trace_event_raw_sys_exit *ctx)
{
	struct pt_regs *regs = current_regs();
	struct message m = { .address = (void *)PT_REGS_PARM5_SYSCALL(regs), .data = (void *)PT_REGS_PARM2_SYSCALL(regs),
			     .data_len = PT_REGS_PARM3_SYSCALL(regs) };
	__u32 len = 0;

	if (m.address && !bpf_probe_read_user(&len, sizeof len, (void *)CALL_PARM6(regs)))
		m.address_len = len;
	return received(EV_SC_recvfrom, ctx->ret, PT_REGS_PARM1_SYSCALL(regs), &m);
}

SEC("tp/syscalls/sys_exit_recvmsg")
int sys_recvmsg(struct trace_event_raw_sys_exit *ctx)
{
	struct pt_regs *regs = current_regs();
	struct message m = {};

	read_header((void *)PT_REGS_PARM2_SYSCALL(regs), &m);
	return received(EV_SC_recvmsg, ctx->ret, PT_REGS_PARM1_SYSCALL(regs), &m);
}
