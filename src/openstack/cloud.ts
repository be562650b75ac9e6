import { z } from "zod";

/** YAML makes numbers of some names and passwords. */
const word = z.union([z.string(), z.number().transform(String)]);

const auth = z
  .object({
    auth_url: word,
    username: word,
    user_id: word,
    password: word,
    user_domain_name: word,
    user_domain_id: word,
    project_name: word,
    project_id: word,
    project_domain_name: word,
    project_domain_id: word,
    application_credential_id: word,
    application_credential_name: word,
    application_credential_secret: word,
  })
  .partial();

/** One cloud of clouds.yaml, or what the OS_* variables make (openstacksdk's cloud `envvars`); further keys are dropped. */
export const cloud = z
  .object({
    auth_type: word,
    auth,
    region_name: word,
    interface: word,
    verify: z.boolean(),
    cacert: word,
  })
  .partial();

export type Cloud = z.infer<typeof cloud>;

/** clouds.yaml or secure.yaml. */
export const cloudsFile = z.object({ clouds: z.record(z.string(), cloud) });

const AUTH_KEYS = Object.keys(auth.shape);

type Environment = Readonly<Record<string, string | undefined>>;

/** The cloud that the OS_* variables describe; undefined: OS_AUTH_URL is not set. */
export function cloudOfEnvironment(env: Environment): Cloud | undefined {
  const value = (name: string): string | undefined => (env[name] === "" ? undefined : env[name]);
  if (value("OS_AUTH_URL") === undefined) return undefined;
  const values = Object.fromEntries(
    AUTH_KEYS.flatMap((key) => {
      const found = value(`OS_${key.toUpperCase()}`);
      return found === undefined ? [] : [[key, found]];
    }),
  );
  return cloud.parse({
    auth: { project_name: value("OS_TENANT_NAME"), project_id: value("OS_TENANT_ID"), ...values },
    auth_type: value("OS_AUTH_TYPE"),
    region_name: value("OS_REGION_NAME"),
    interface: value("OS_INTERFACE") ?? value("OS_ENDPOINT_TYPE"),
    cacert: value("OS_CACERT"),
    verify: /^(?:1|true|yes)$/iu.test(value("OS_INSECURE") ?? "") ? false : undefined,
  });
}
