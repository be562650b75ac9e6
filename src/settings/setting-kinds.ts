import { isAbsolute, normalize } from "node:path";
import { z } from "zod";
import { type AllowedText, isAllowed } from "../domain/client/allowed-text.ts";
import { DURATION_ALLOWED, parseDuration } from "./duration.ts";
import { Secret } from "./secret.ts";

/** Reads one variable's text; `allowed` completes the sentence `GRACE_DAYS is "-1": ...` of a refusal. */
export interface SettingKind<T> {
  readonly allowed: string;
  readonly schema: z.ZodType<T, string>;
  /** The value must not be shown. */
  readonly isSecret?: true;
}

function kind<T>(allowed: string, read: (text: string) => T | undefined): SettingKind<T> {
  const schema = z.string().transform((text, context): T => {
    const value = read(text);
    if (value !== undefined) return value;
    context.addIssue({ code: "custom", message: allowed });
    return z.NEVER;
  });
  return { allowed, schema };
}

/** A name, glob or word by a rule of the domain. */
export function text(rule: AllowedText, role: string): SettingKind<string> {
  return kind(`${role} is ${rule.allowed}`, (value) => (isAllowed(value, rule) ? value : undefined));
}

/** The same, or "" for "leave the line out". */
export function textOrEmpty(rule: AllowedText, role: string): SettingKind<string> {
  return kind(`${role} is ${rule.allowed}, or empty to leave the line out`, (value) =>
    value === "" || isAllowed(value, rule) ? value : undefined,
  );
}

/** Several of them, separated by blanks. */
export function listOf(rule: AllowedText, role: string): SettingKind<readonly string[]> {
  return kind(`each of the ${role}, separated by blanks, is ${rule.allowed}`, (value) => {
    const parts = value.trim().split(/\s+/u);
    return parts.every((part) => isAllowed(part, rule)) ? parts : undefined;
  });
}

const DECIMAL = /^[0-9]{1,9}(\.[0-9]{1,9})?$/u;
const WHOLE = /^[0-9]{1,15}$/u;

/** A decimal number without a sign. */
export function decimal(allowed: string, isGood: (value: number) => boolean): SettingKind<number> {
  return kind(allowed, (value) => (DECIMAL.test(value) && isGood(Number(value)) ? Number(value) : undefined));
}

/** A whole number within bounds, both included; `of` is " of VMs" or the like. */
export function whole(of: string, min: number, max: number, example: number): SettingKind<number> {
  return kind(`it must be a whole number${of} from ${min} to ${max}, such as ${example}`, (value) => {
    const number = Number(value);
    return WHOLE.test(value) && number >= min && number <= max ? number : undefined;
  });
}

/** Milliseconds of a duration such as `1h30m`. */
export function duration(minMs: number, minText: string): SettingKind<number> {
  return kind(`it must be ${DURATION_ALLOWED}, and at least ${minText}`, (value) => {
    const ms = parseDuration(value);
    return ms !== undefined && ms >= minMs ? ms : undefined;
  });
}

const SWITCH: ReadonlyMap<string, boolean> = new Map([
  ["1", true],
  ["true", true],
  ["yes", true],
  ["on", true],
  ["0", false],
  ["false", false],
  ["no", false],
  ["off", false],
]);

export function onOff(): SettingKind<boolean> {
  return kind("it must be 1 or 0 (or true, false, yes, no, on, off)", (value) => SWITCH.get(value.toLowerCase()));
}

/** One of these words, in any case. */
export function oneOf<const T extends string>(...words: readonly T[]): SettingKind<T> {
  return kind(`it must be one of ${words.join(", ")}`, (value) =>
    words.find((word) => word.toLowerCase() === value.toLowerCase()),
  );
}

const SIZE = /^([0-9]{1,12}) ?(B|KiB|MiB|GiB)?$/u;
const BYTES = { B: 1, KiB: 1_024, MiB: 1_048_576, GiB: 1_073_741_824 };

/** Bytes of a size such as `64 MiB`. */
export function size(): SettingKind<number> {
  return kind("it must be a number of bytes of at least 1024, also with KiB, MiB or GiB, such as 64 MiB", (value) => {
    const [, number, unit] = SIZE.exec(value) ?? [];
    if (number === undefined) return undefined;
    const factor = unit === "KiB" || unit === "MiB" || unit === "GiB" ? BYTES[unit] : BYTES.B;
    const bytes = Number(number) * factor;
    return bytes >= 1_024 && Number.isSafeInteger(bytes) ? bytes : undefined;
  });
}

const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/** An absolute folder that the Director's configuration may name in quotes; without a slash at its end. */
export function folder(): SettingKind<string> {
  return kind(
    'it must be an absolute path without control characters and ", such as /opt/bacula/etc/openstack',
    (value) => {
      if (!isAbsolute(value) || CONTROL.test(value) || value.includes('"')) return undefined;
      const path = normalize(value).replace(/\/+$/u, "");
      return path === "" ? undefined : path;
    },
  );
}

export function file(): SettingKind<string> {
  return kind("it must be a path without control characters", (value) => (CONTROL.test(value) ? undefined : value));
}

/** Words of a command, separated by blanks; no shell reads it. */
export function command(): SettingKind<readonly string[]> {
  return kind(
    "it must be a command and its arguments on one line, such as bacula-dir -t; no shell reads it",
    (value) => {
      const words = value.trim().split(/\s+/u);
      return CONTROL.test(value) || words[0] === "" ? undefined : words;
    },
  );
}

const WORD = /^[^\s\p{Cc}]{1,255}$/u;

/** A host, a database or a user: one word. */
export function word(example: string): SettingKind<string> {
  return kind(`it must be one word of up to 255 characters, such as ${example}`, (value) =>
    WORD.test(value) ? value : undefined,
  );
}

const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/u;

export function namespace(): SettingKind<string> {
  return kind("it must be a Kubernetes namespace, such as bacula", (value) =>
    NAMESPACE.test(value) ? value : undefined,
  );
}

/** Kept out of every message and log. */
export function secret(): SettingKind<Secret> {
  return {
    ...kind("it must not have control characters", (value) => (CONTROL.test(value) ? undefined : new Secret(value))),
    isSecret: true,
  };
}

/** Where a server listens. */
export interface BindAddress {
  /** Absent: on all addresses. */
  readonly host?: string;
  readonly port: number;
}

const BIND = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]*)):([0-9]{1,5})$/u;

/** `:8080`, `127.0.0.1:8080`, `[::1]:8080`; `0` for no server. */
export function bindAddress(): SettingKind<BindAddress | "off"> {
  return kind(
    "it must be an address and a port, such as :8080, 127.0.0.1:8080 or [::1]:8080, or 0 for none",
    (value) => {
      if (value === "0") return "off";
      const [, v6, host, port] = BIND.exec(value) ?? [];
      if (port === undefined || Number(port) > 65_535) return undefined;
      const name = v6 ?? host ?? "";
      return name === "" ? { port: Number(port) } : { host: name, port: Number(port) };
    },
  );
}

/** A zone that the time functions of this program know. */
export function timeZone(): SettingKind<string> {
  return kind("it must be a time zone such as UTC or Europe/Berlin", (value) => {
    try {
      return new Intl.DateTimeFormat("en", { timeZone: value }).resolvedOptions().timeZone;
    } catch {
      return undefined;
    }
  });
}

export type LogLevel = "error" | "warn" | "info" | "debug" | "trace" | "silent";
const LEVELS: ReadonlyMap<string, LogLevel> = new Map([
  ["error", "error"],
  ["warn", "warn"],
  ["warning", "warn"],
  ["info", "info"],
  ["debug", "debug"],
  ["trace", "trace"],
  ["off", "silent"],
  ["silent", "silent"],
]);

/** Also in the form of RUST_LOG with parts for single modules (`info,hyper=warn`): the general level counts. */
export function logLevel(): SettingKind<LogLevel> {
  return kind("it must be one of error, warn, info, debug, trace, off", (value) => {
    const general = value.split(",").find((part) => !part.includes("="));
    return LEVELS.get((general ?? value).trim().toLowerCase());
  });
}
