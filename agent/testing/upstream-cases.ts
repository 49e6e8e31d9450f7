/**
 * What makes each rule of the upstream files fire, and what is like it and must not: [rule, trigger, twin].
 * A line is the arguments of the test program (acts.c, calls.c), run on the host; `C:` runs it in a container,
 * `P:` in a privileged one. `@name` is the program under that name,
 * `~` the test's directory, `^` a root directory of its own, 'quotes' keep blanks.
 */
export type UpstreamCase = readonly [rule: string, trigger: string, twin: string];

const overlay = (run: string): string =>
  `C: exec /usr/bin/unshare -m /bin/sh -c '${[
    'mount -t tmpfs t ~/ov && mkdir ~/ov/low ~/ov/up ~/ov/work ~/ov/all && cp ~/calls ~/ov/low/old',
    'mount -t overlay o -o lowerdir=~/ov/low,upperdir=~/ov/up,workdir=~/ov/work ~/ov/all',
    'cp ~/ov/all/old ~/ov/all/new',
    run,
  ].join(' && ')}'`;

export const STABLE: readonly UpstreamCase[] = [
  ['Directory traversal monitored file read', 'read /etc/../etc/../etc/hostname', 'read /etc/hostname'],
  [
    'Read sensitive file trusted after startup',
    'exec @nginx wait 6 read /etc/shadow',
    'exec @nginx read /etc/shadow',
  ],
  ['Read sensitive file untrusted', 'read /etc/shadow', 'read /etc/hostname'],
  ['Run shell untrusted', 'exec @nginx fork exec /bin/sh -c true', 'exec @make fork exec /bin/sh -c true'],
  ['System user interactive', 'exec @sshd fork as 1 exec /bin/true', 'exec @sshd fork exec /bin/true'],
  [
    'Terminal shell in container',
    'C: exec @runc fork tty exec /bin/sh -c true',
    'C: exec @runc fork exec /bin/sh -c true',
  ],
  ['Netcat Remote Code Execution in Container', 'C: exec @nc -e /bin/sh', 'C: exec @nc -l 80'],
  [
    'Search Private Keys or Passwords',
    "exec /bin/grep 'BEGIN RSA PRIVATE' /dev/null",
    "exec /bin/grep 'BEGIN LETTER' /dev/null",
  ],
  ['Clear Log Activities', 'write ~/auth.log', 'write ~/auth.txt'],
  ['Remove Bulk Data from Disk', 'exec @shred x', 'exec @cat x'],
  ['Create Symlink Over Sensitive Files', 'symlinkat /etc/shadow ~/soft', 'symlinkat /etc/hostname ~/soft2'],
  ['Create Hardlink Over Sensitive Files', 'linkat /etc/shadow ~/hard', 'linkat ~/plain ~/hard2'],
  [
    'Contact K8S API Server From Container',
    'C: net connect tcp 10.96.0.1 443',
    'C: net connect tcp 10.96.0.2 443',
  ],
  ['Packet socket created in container', 'C: packet', 'C: refused'],
  ['Redirect STDOUT/STDIN to Network Connection in Container', 'C: tcp4', 'C: refused'],
  ['Debugfs Launched in Privileged Container', 'P: exec @debugfs x', 'C: exec @debugfs x'],
  ['Detect release_agent File Container Escapes', 'C: write ~/release_agent', 'C: write ~/release'],
  ['PTRACE attached to process', 'ptrace', 'traceme'],
  ['PTRACE anti-debug attempt', 'traceme', 'ptrace'],
  [
    'Find AWS Credentials',
    'exec /bin/grep aws_secret_access_key /dev/null',
    'exec /bin/grep aws_region /dev/null',
  ],
  ['Execution from /dev/shm', 'exec /dev/shm/%', 'exec ~/calls'],
  [
    'Drop and execute new binary in container',
    overlay('~/ov/all/new nothing'),
    overlay('~/ov/all/old nothing'),
  ],
  [
    'Disallowed SSH Connection Non Standard Port',
    'net exec @ssh connect tcp 203.0.113.5 443',
    'net exec @ssh connect tcp 203.0.113.5 22',
  ],
  ['Fileless execution via memfd_create', 'memfd', 'exec ~/calls nothing'],
];

export const INCUBATING: readonly UpstreamCase[] = [
  ['Modify Shell Configuration File', 'write ~/.bashrc', 'write ~/.config'],
  ['Schedule Cron Jobs', 'exec @crontab x', 'exec @cat x'],
  ['Read ssh information', 'in ^ read /home/u/.ssh/id', 'in ^ read /home/u/id'],
  ['DB program spawned process', 'exec @mysqld fork exec /bin/true', 'exec @make fork exec /bin/true'],
  ['Change thread namespace', 'setns', 'exec @nsenter setns'],
  ['Change namespace privileges via unshare', 'C: as 65534 exec ~/calls unshare', 'C: unshare'],
  ['Launch Privileged Container', 'P: pidns exec @pause', 'C: pidns exec @pause'],
  ['Launch Excessively Capable Container', 'C: pidns exec @pause', 'C: pidns as 65534 exec @pause'],
  ['System procs network activity', 'net exec @cat connect udp 10.1.1.1 99', 'net connect udp 10.1.1.1 99'],
  [
    'Program run with disallowed http proxy env',
    'env HTTP_PROXY=http://proxy exec @curl x',
    'env PROXY=http://proxy exec @curl x',
  ],
  ['Unexpected UDP Traffic', 'net connect udp 10.1.1.1 99', 'net connect udp 10.1.1.1 53'],
  ['Non sudo setuid', 'setuid 1', 'setuid 0'],
  ['User mgmt binaries', 'exec @useradd x', 'exec @cat x'],
  ['Create files below dev', 'in ^ write /dev/x', 'in ^ write /var/x'],
  [
    'Contact EC2 Instance Metadata Service From Container',
    'C: net connect tcp 169.254.169.254 80',
    'C: net connect tcp 203.0.113.5 80',
  ],
  [
    'Contact cloud metadata service from container',
    'C: net connect send 169.254.169.254 80',
    'C: net connect send 203.0.113.5 80',
  ],
  ['Launch Package Management Process in Container', 'C: exec @apt x', 'exec @apt x'],
  ['Launch Suspicious Network Tool in Container', 'C: exec @nmap x', 'C: exec @cat x'],
  ['Launch Suspicious Network Tool on Host', 'exec @nmap x', 'exec @cat x'],
  ['Delete or rename shell history', 'unlink ~/.bash_history', 'unlink ~/history'],
  ['Set Setuid or Setgid bit', 'chmod ~/plain', 'fchmod ~/plain'],
  ['Launch Remote File Copy Tools in Container', 'C: exec @scp x', 'exec @scp x'],
  [
    'Network Connection outside Local Subnet',
    'C: net connect tcp 203.0.113.5 80',
    'C: net connect tcp 10.1.1.1 80',
  ],
  ['Mount Launched in Privileged Container', 'P: exec @mount x', 'C: exec @mount x'],
  ['Launch Ingress Remote File Copy Tools in Container', 'C: exec @wget x', 'C: exec @cat x'],
  ['Read environment variable from /proc files', 'C: read /proc/self/environ', 'C: read /proc/self/status'],
  [
    'Exfiltrating Artifacts via Kubernetes Control Plane',
    'C: exec @runc fork exec @tar read ~/plain',
    'C: exec @tar read ~/plain',
  ],
  [
    'Adding ssh keys to authorized_keys',
    'in ^ write /home/u/.ssh/authorized_keys',
    'in ^ write /home/u/keys',
  ],
  [
    'Potential Local Privilege Escalation via Environment Variables Misuse',
    'env GLIBC_TUNABLES=x exec @cat x',
    'env TUNABLES=x exec @cat x',
  ],
  [
    'Backdoored library loaded into SSHD (CVE-2024-3094)',
    'exec @sshd read ~/liblzma.so.5.6.0',
    'exec @sshd read ~/liblzma.so.5.4.5',
  ],
  ['BPF Program Not Profiled', 'bpf 5', 'bpf 0'],
];

export const SANDBOX: readonly UpstreamCase[] = [
  [
    'Detect outbound connections to common miner pool ports',
    'net connect tcp 198.51.100.7 443',
    'net connect tcp 203.0.113.5 443',
  ],
  ['Unexpected inbound connection source', 'net listen 10.9.8.7 8000', 'net listen 127.0.0.1 8000'],
  ['Read Shell Configuration File', 'read ~/.bashrc', 'read ~/plain'],
  ['Update Package Repository', 'in ^ write /etc/apt/sources.list.d/x.list', 'in ^ write /var/x.list'],
  ['Write below binary dir', 'in ^ write /usr/sbin/x', 'in ^ write /usr/share/x'],
  ['Write below monitored dir', 'in ^ write /usr/local/lib/x', 'in ^ write /usr/share/x'],
  ['Write below etc', 'in ^ write /etc/x', 'in ^ write /var/x'],
  ['Write below root', 'in ^ write /root/x', 'in ^ write /var/x'],
  ['Write below rpm database', 'in ^ write /var/lib/rpm/x', 'in ^ write /var/lib/x'],
  ['Modify binary dirs', 'in ^ unlink /usr/sbin/old', 'in ^ unlink /usr/share/old'],
  ['Mkdir binary dirs', 'in ^ mkdir /usr/sbin/d', 'in ^ mkdir /usr/share/d'],
  // A mount that is missing differs from "N/A" too, as in Falco: every container's first process satisfies this.
  ['Launch Sensitive Mount Container', 'C: pidns exec @pause', 'C: exec @pause'],
  ['Launch Disallowed Container', 'C: pidns exec @pause', 'C: exec @pause'],
  [
    'Interpreted procs inbound network activity',
    'net exec @python3 listen 10.9.8.7 8000',
    'net listen 10.9.8.7 8000',
  ],
  [
    'Interpreted procs outbound network activity',
    'net exec @python3 connect tcp 203.0.113.5 80',
    'net connect tcp 203.0.113.5 80',
  ],
  [
    'Unexpected K8s NodePort Connection',
    'C: net connect tcp 203.0.113.5 30080',
    'C: net connect tcp 203.0.113.5 80',
  ],
  ['Create Hidden Files or Directories', 'mkdir ~/.hidden', 'mkdir ~/shown'],
  [
    'Detect crypto miners using the Stratum protocol',
    'exec @cat stratum+tcp://pool:3333',
    'exec @cat tcp://pool:3333',
  ],
  ['Kubernetes Client Tool Launched in Container', 'C: exec @kubectl x', 'exec @kubectl x'],
  ['Container Drift Detected (chmod)', 'C: chmod ~/plain', 'C: read ~/plain'],
  ['Container Drift Detected (open+create)', 'C: program ~/program', 'C: write ~/data'],
  ['Container Run as Root User', 'C: pidns exec @pause', 'C: pidns as 65534 exec @pause'],
  ['Sudo Potential Privilege Escalation', "exec @sudoedit -s 'x\\'", 'exec @sudoedit x'],
  [
    'Unprivileged Delegation of Page Faults Handling to a Userspace Process',
    'as 65534 userfaultfd',
    'userfaultfd',
  ],
  ['Polkit Local Privilege Escalation Vulnerability (CVE-2021-4034)', 'exec @pkexec', 'exec @pkexec x'],
  ['Java Process Class File Download', 'exec @java hear class', 'exec @java hear hello'],
  ['Modify Container Entrypoint', 'C: write /proc/self/fd/1', 'C: write ~/data'],
  ['Decoding Payload in Container', 'C: exec @base64 -d', 'C: exec @base64 x'],
  ['Basic Interactive Reconnaissance', 'tty exec @whoami', 'exec @whoami'],
  ['Netcat/Socat Remote Code Execution on Host', 'exec @socat EXEC:sh', 'exec @socat TCP:x'],
  [
    'Network Tool Executed During NPM Package Install',
    'C: exec @npm fork exec @nmap x',
    'C: exec @make fork exec @nmap x',
  ],
  ['Known Cryptominer Process Executed', 'exec @xmrig x', 'exec @cat x'],
  [
    'Web Server Spawned Shell',
    'exec @nginx fork exec /bin/sh -c true',
    'exec @make fork exec /bin/sh -c true',
  ],
  [
    'Web Server Spawned Suspicious Child Process',
    'exec @nginx fork exec @whoami',
    'exec @make fork exec @whoami',
  ],
  [
    'Reverse Shell from Web Server',
    "exec @nginx fork exec /bin/sh -c ': /dev/tcp/10.1.1.1/99'",
    'exec @nginx fork exec /bin/sh -c :',
  ],
  ['Privileged Container Device Access', 'C: in ^ read /dev/sda', 'C: in ^ read /var/file'],
  ['Container Access to Host Sensitive Paths', 'C: in ^ read /host/file', 'C: in ^ read /var/file'],
];

/** What the names that the rules ask for are resolved to. */
export const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.default.svc.cluster.local': ['10.96.0.1'],
  'ca.minexmr.com': ['198.51.100.7'],
};

/** Rules that no event of this sensor satisfies, and why. */
export const SILENT: Readonly<Record<string, string>> = {
  'Linux Kernel Module Injection Detected': 'a kernel without modules has no such call; others have',
};
