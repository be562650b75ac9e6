import { install } from "./install.ts";

/** Before the first test on real parts: whatever is missing on this machine is installed or built. */
export default async function setup(): Promise<void> {
  await install("bacula");
  await install("kubernetes");
  await install("keystone");
}
