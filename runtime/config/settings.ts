// Settings from flags and STREAMSPACE_* variables, parsed once, with every mistake in one error.

import { StreamSpaceError } from '../../schemas/errors.ts';
import type { LogLevel } from '../log/log.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

interface Setting<T> {
  /** Left out: the setting is required. */
  readonly default?: T;
  /** It may be left out without a default. */
  readonly optional?: true;
}

/**
 * Reads `--public-url VALUE`, `--public-url=VALUE` or STREAMSPACE_PUBLIC_URL; the flag wins. Mistakes are collected:
 * call {@link finish} after the last read, before any value is used.
 */
export class SettingsReader {
  readonly #flags = new Map<string, string>();
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #known = new Set<string>();
  readonly #mistakes: string[] = [];

  /** @param argv arguments without program and script */
  constructor(argv: readonly string[], env: Readonly<Record<string, string | undefined>>) {
    this.#env = env;
    for (let index = 0; index < argv.length; index += 1) {
      const argument = argv[index] ?? '';
      const match = /^--([a-z][a-z0-9-]*)(?:=(.*))?$/s.exec(argument);
      const name = match?.[1];
      if (name === undefined) {
        this.#mistakes.push(`"${argument}" is not a flag; write --name VALUE`);
        continue;
      }
      const inline = match?.[2];
      if (inline === undefined) index += 1;
      const value = inline ?? argv[index];
      if (value === undefined) this.#mistakes.push(`--${name} has no value`);
      else this.#flags.set(name, value);
    }
  }

  text(name: string, setting: Setting<string> = {}): string {
    return this.#read(name, setting, (value) => value, '');
  }

  integer(name: string, setting: Setting<number> & { readonly min: number; readonly max: number }): number {
    const { min, max } = setting;
    return this.#read(
      name,
      setting,
      (value) => {
        const number = Number(value);
        return /^-?\d+$/.test(value) && number >= min && number <= max ? number : undefined;
      },
      0,
      `a whole number from ${min} to ${max}`,
    );
  }

  choice<T extends string>(name: string, choices: readonly [T, ...T[]], setting: Setting<T> = {}): T {
    return this.#read(
      name,
      setting,
      (value) => choices.find((choice) => choice === value),
      choices[0],
      `one of ${choices.join(', ')}`,
    );
  }

  /** An absolute http or https URL, without a slash at the end. */
  url(name: string, setting: Setting<string> = {}): string {
    return this.#read(
      name,
      setting,
      (value) => {
        const url = URL.parse(value);
        return url !== null && /^https?:$/.test(url.protocol) ? value.replace(/\/+$/, '') : undefined;
      },
      '',
      'an http or https URL',
    );
  }

  /** `host:port`; an IPv6 address in brackets. */
  address(name: string, setting: Setting<ListenAddress> = {}): ListenAddress {
    return this.#read(
      name,
      setting,
      (value) => {
        const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(value);
        const host = match?.[1] ?? match?.[2];
        const port = Number(match?.[3]);
        return host !== undefined && port <= 65_535 ? { host, port } : undefined;
      },
      { host: '', port: 0 },
      'an address such as 127.0.0.1:8080',
    );
  }

  /** What `parse` makes of it; undefined where it is not set. */
  parsed<T>(name: string, parse: (value: string) => T | undefined, form: string): T | undefined {
    return this.#read<T | undefined>(name, { optional: true }, parse, undefined, form);
  }

  logLevel(): LogLevel {
    return this.choice('log-level', ['debug', 'info', 'warn', 'error', 'silent'], { default: 'info' });
  }

  /** @throws StreamSpaceError `SettingInvalid` that lists every mistake */
  finish(): void {
    for (const name of this.#flags.keys()) if (!this.#known.has(name)) this.#mistakes.push(`--${name} is not a setting`);
    if (this.#mistakes.length > 0)
      throw new StreamSpaceError('SettingInvalid', this.#mistakes.join('; '), { facts: { mistakes: this.#mistakes } });
  }

  #read<T>(name: string, setting: Setting<T>, parse: (value: string) => T | undefined, placeholder: T, form = 'a text'): T {
    this.#known.add(name);
    const variable = `STREAMSPACE_${name.toUpperCase().replaceAll('-', '_')}`;
    const value = this.#flags.get(name) ?? this.#env[variable];
    if (value === undefined || value === '') {
      if (setting.default !== undefined) return setting.default;
      if (setting.optional === true) return placeholder;
      this.#mistakes.push(`--${name} (or ${variable}) is required: ${form}`);
      return placeholder;
    }
    const parsed = parse(value);
    if (parsed !== undefined) return parsed;
    this.#mistakes.push(`--${name} (or ${variable}) must be ${form}`);
    return placeholder;
  }
}
