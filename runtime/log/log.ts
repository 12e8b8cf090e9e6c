// JSON log lines on stdout. A message is constant and lower-case; what varies is a field. Never a secret, never content.
import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export function createLogger(options: { readonly name: string; readonly level: LogLevel }): Logger {
  return pino({
    name: options.name,
    level: options.level,
    // Headers of requests never get here; this is the second fence.
    redact: { paths: ['*.password', '*.token', '*.authorization', '*.cookie', '*.key'], censor: '[redacted]' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}
