/** Debian's Chromium, as root and without a display; nothing of it calls home. */
export const CHROMIUM = {
  executablePath: process.env.EYRIE_CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};
