/**
 * Made by scripts/event-tables.ts; do not edit.
 * Source: facts of falcosecurity/libs, driver/event_table.c, syscall_table.c, flags_table.c
 * (dual MIT/GPL-2.0; used under MIT, see NOTICE).
 */

/** Events as they were when captures held enter and exit events, where they differ from today. */
export const LEGACY_EVENTS = `
1 syscall < OTHER - ID:SYSCALLID
3 open < FILE CM fd:FD name:FSPATH flags:FLAGS32:HEX:file_flags mode:UINT32:OCT dev:UINT32:HEX
5 close < IO_OTHER DUM res:ERRNO
7 read < IO_READ UR res:ERRNO data:BYTEBUF
9 write < IO_WRITE UW res:ERRNO data:BYTEBUF
18 socket > NET CM domain:FLAGS32::socket_families type:UINT32 proto:UINT32
19 socket < NET CM fd:FD
21 bind < NET UM res:ERRNO addr:SOCKADDR
23 connect < NET UM res:ERRNO tuple:SOCKTUPLE
24 listen > NET U fd:FD backlog:UINT32
25 listen < NET U res:ERRNO
29 send < IO_WRITE UW res:ERRNO data:BYTEBUF
31 sendto < IO_WRITE UWM res:ERRNO data:BYTEBUF
33 recv < IO_READ UR res:ERRNO data:BYTEBUF
35 recvfrom < IO_READ URM res:ERRNO data:BYTEBUF tuple:SOCKTUPLE
36 shutdown > NET UM fd:FD how:FLAGS8:HEX:shutdown_how
37 shutdown < NET UM res:ERRNO
42 socketpair > IPC CM domain:FLAGS32::socket_families type:UINT32 proto:UINT32
43 socketpair < IPC CM res:ERRNO fd1:FD fd2:FD source:UINT64:HEX peer:UINT64:HEX
45 setsockopt < NET U res:ERRNO fd:FD level:FLAGS8::sockopt_levels optname:FLAGS8::sockopt_options val:DYN::sockopt_dynamic_param optlen:UINT32
47 getsockopt < NET UM res:ERRNO fd:FD level:FLAGS8::sockopt_levels optname:FLAGS8::sockopt_options val:DYN::sockopt_dynamic_param optlen:UINT32
49 sendmsg < IO_WRITE UWM res:ERRNO data:BYTEBUF
51 sendmmsg < IO_WRITE -
53 recvmsg < IO_READ URM res:ERRNO size:UINT32 data:BYTEBUF tuple:SOCKTUPLE
55 recvmmsg < IO_READ -
59 creat < FILE CM fd:FD name:FSPATH mode:UINT32:OCT dev:UINT32:HEX
62 eventfd > IPC CM initval:UINT64 flags:FLAGS32:HEX
63 eventfd < IPC CM res:FD
65 futex < IPC - res:ERRNO
71 fstat < FILE U res:ERRNO
77 fstat64 < FILE U res:ERRNO
79 epoll_wait < WAIT V res:ERRNO
81 poll < WAIT V res:ERRNO fds:FDLIST
86 lseek > FILE U fd:FD offset:UINT64 whence:FLAGS8::lseek_whence
87 lseek < FILE U res:ERRNO
88 llseek > FILE U fd:FD offset:UINT64 whence:FLAGS8::lseek_whence
89 llseek < FILE U res:ERRNO
97 fchdir < FILE UM res:ERRNO
113 pread < IO_READ UR res:ERRNO data:BYTEBUF
115 pwrite < IO_WRITE UW res:ERRNO data:BYTEBUF
117 readv < IO_READ UR res:ERRNO size:UINT32 data:BYTEBUF
119 writev < IO_WRITE UW res:ERRNO data:BYTEBUF
121 preadv < IO_READ UR res:ERRNO size:UINT32 data:BYTEBUF
123 pwritev < IO_WRITE UW res:ERRNO data:BYTEBUF
126 signalfd > SIGNAL CM fd:FD mask:UINT32:HEX flags:FLAGS8:HEX
127 signalfd < SIGNAL CM res:FD
129 kill < SIGNAL - res:ERRNO
131 tkill < SIGNAL - res:ERRNO
133 tgkill < SIGNAL - res:ERRNO
135 nanosleep < SLEEP V res:ERRNO
136 timerfd_create > TIME CM clockid:UINT8 flags:FLAGS8:HEX
137 timerfd_create < TIME CM res:FD
138 inotify_init > IPC CM flags:FLAGS8:HEX
139 inotify_init < IPC CM res:FD
140 getrlimit > PROCESS - resource:FLAGS8::rlimit_resources
141 getrlimit < PROCESS - res:ERRNO cur:INT64 max:INT64
142 setrlimit > PROCESS - resource:FLAGS8::rlimit_resources
143 setrlimit < PROCESS - res:ERRNO cur:INT64 max:INT64
144 prlimit > PROCESS - pid:PID resource:FLAGS8::rlimit_resources
145 prlimit < PROCESS - res:ERRNO newcur:INT64 newmax:INT64 oldcur:INT64 oldmax:INT64
150 fcntl > IO_OTHER UM fd:FD cmd:FLAGS8::fcntl_commands
151 fcntl < IO_OTHER UM res:FD
159 brk < MEMORY - res:UINT64:HEX vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32
160 mmap > MEMORY - addr:UINT64:HEX length:UINT64 prot:FLAGS32:HEX:prot_flags flags:FLAGS32:HEX:mmap_flags fd:FD offset:UINT64
161 mmap < MEMORY - res:UINT64:HEX vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32
162 mmap2 > MEMORY - addr:UINT64:HEX length:UINT64 prot:FLAGS32:HEX:prot_flags flags:FLAGS32:HEX:mmap_flags fd:FD pgoffset:UINT64
163 mmap2 < MEMORY - res:UINT64:HEX vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32
165 munmap < MEMORY - res:ERRNO vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32
167 splice < IO_OTHER U res:ERRNO
168 ptrace > PROCESS - request:FLAGS16::ptrace_requests pid:PID
169 ptrace < PROCESS - res:ERRNO addr:DYN:HEX:ptrace_dynamic_param data:DYN:HEX:ptrace_dynamic_param
171 ioctl < IO_OTHER U res:ERRNO
181 symlinkat < FILE - res:ERRNO target:CHARBUF linkdirfd:FD linkpath:FSRELPATH::DIRFD_PARAM
186 procexit > PROCESS M status:ERRNO ret:ERRNO sig:SIGTYPE core:UINT8
189 sendfile < IO_WRITE U res:ERRNO offset:UINT64
191 quotactl < USER - res:ERRNO special:CHARBUF quotafilepath:CHARBUF dqb_bhardlimit:UINT64 dqb_bsoftlimit:UINT64 dqb_curspace:UINT64 dqb_ihardlimit:UINT64 dqb_isoftlimit:UINT64 dqb_btime:RELTIME dqb_itime:RELTIME dqi_bgrace:RELTIME dqi_igrace:RELTIME dqi_flags:FLAGS8::quotactl_dqi_flags quota_fmt_out:FLAGS8::quotactl_quota_fmts
193 setresuid < USER M res:ERRNO
195 setresgid < USER M res:ERRNO
196 sysdigevent > INTERNAL S event_type:UINT32 event_data:UINT64
199 setuid < USER M res:ERRNO
201 setgid < USER M res:ERRNO
223 clone < PROCESS M res:PID exe:CHARBUF args:BYTEBUF tid:PID pid:PID ptid:PID cwd:CHARBUF fdlimit:INT64 pgft_maj:UINT64 pgft_min:UINT64 vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32 comm:CHARBUF cgroups:BYTEBUF flags:FLAGS32:HEX:clone_flags uid:UINT32 gid:UINT32 vtid:PID vpid:PID
225 fork < PROCESS M res:PID exe:CHARBUF args:BYTEBUF tid:PID pid:PID ptid:PID cwd:CHARBUF fdlimit:INT64 pgft_maj:UINT64 pgft_min:UINT64 vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32 comm:CHARBUF cgroups:BYTEBUF flags:FLAGS32:HEX:clone_flags uid:UINT32 gid:UINT32 vtid:PID vpid:PID
227 vfork < PROCESS M res:PID exe:CHARBUF args:BYTEBUF tid:PID pid:PID ptid:PID cwd:CHARBUF fdlimit:INT64 pgft_maj:UINT64 pgft_min:UINT64 vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32 comm:CHARBUF cgroups:BYTEBUF flags:FLAGS32:HEX:clone_flags uid:UINT32 gid:UINT32 vtid:PID vpid:PID
237 getdents < FILE U res:ERRNO
239 getdents64 < FILE U res:ERRNO
241 setns < PROCESS U res:ERRNO
243 flock < FILE U res:ERRNO
251 semop < PROCESS - res:ERRNO nsops:UINT32 sem_num_0:UINT16 sem_op_0:INT16 sem_flg_0:FLAGS16:HEX:semop_flags sem_num_1:UINT16 sem_op_1:INT16 sem_flg_1:FLAGS16:HEX:semop_flags
253 semctl < PROCESS - res:ERRNO
255 ppoll < WAIT V res:ERRNO fds:FDLIST
257 mount < FILE M res:ERRNO dev:CHARBUF dir:FSPATH type:CHARBUF
263 semget < PROCESS - res:ERRNO
265 access < FILE - res:ERRNO name:FSPATH
269 tracer < OTHER - id:INT64 tags:CHARBUFARRAY args:CHARBUF_PAIR_ARRAY
277 mkdir < FILE - res:ERRNO path:FSPATH
285 unshare < PROCESS - res:ERRNO
293 execve < PROCESS M res:ERRNO exe:CHARBUF args:BYTEBUF tid:PID pid:PID ptid:PID cwd:CHARBUF fdlimit:UINT64 pgft_maj:UINT64 pgft_min:UINT64 vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32 comm:CHARBUF cgroups:BYTEBUF env:BYTEBUF tty:INT32 pgid:PID loginuid:INT32 flags:FLAGS32:HEX:execve_flags
294 setpgid > PROCESS M pid:PID pgid:PID
295 setpgid < PROCESS M res:PID
299 seccomp < OTHER - res:ERRNO
303 unlinkat < FILE - res:ERRNO dirfd:FD name:FSRELPATH::DIRFD_PARAM flags:FLAGS32:HEX:unlinkat_flags
305 mkdirat < FILE - res:ERRNO dirfd:FD path:FSRELPATH::DIRFD_PARAM mode:UINT32:HEX
307 openat < FILE CM fd:FD dirfd:FD name:FSRELPATH::DIRFD_PARAM flags:FLAGS32:HEX:file_flags mode:UINT32:OCT dev:UINT32:HEX
313 fchmodat < FILE - res:ERRNO dirfd:FD filename:FSRELPATH::DIRFD_PARAM mode:MODE:OCT:chmod_mode
317 fchmod < FILE - res:ERRNO fd:FD mode:MODE:OCT:chmod_mode
322 pluginevent > OTHER L event_data:BYTEBUF
327 openat2 < FILE CM fd:FD dirfd:FD name:FSRELPATH::DIRFD_PARAM flags:FLAGS32:HEX:file_flags mode:UINT32:OCT resolve:FLAGS32:HEX:openat2_flags
329 mprotect < MEMORY - res:ERRNO
331 execveat < PROCESS M res:ERRNO exe:CHARBUF args:BYTEBUF tid:PID pid:PID ptid:PID cwd:CHARBUF fdlimit:UINT64 pgft_maj:UINT64 pgft_min:UINT64 vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32 comm:CHARBUF cgroups:BYTEBUF env:BYTEBUF tty:INT32 pgid:PID loginuid:INT32 flags:FLAGS32:HEX:execve_flags
333 copy_file_range < FILE URW res:ERRNO fdout:FD offout:UINT64
335 clone3 < PROCESS M res:PID exe:CHARBUF args:BYTEBUF tid:PID pid:PID ptid:PID cwd:CHARBUF fdlimit:INT64 pgft_maj:UINT64 pgft_min:UINT64 vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32 comm:CHARBUF cgroups:BYTEBUF flags:FLAGS32:HEX:clone_flags uid:UINT32 gid:UINT32 vtid:PID vpid:PID
`;
