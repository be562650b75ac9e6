const SETTINGS = `Settings come from environment variables, as for sync: CLIENTS_CONF, BASE_DIR, BCONSOLE, DB_HOST and all others.`;
const LOOKS = `It asks the Director and the catalog, and writes not one byte: it needs no right to write in BASE_DIR, and no lock.
${SETTINGS}`;
const VM = `A VM is named by its name, its uuid, or the name of its job, each of them whole.`;

/** What `--help` says behind the options of a command: what it does, its exit codes, examples. */
export const HELP = {
  plan: `
What sync would do now: a line for each step with its reason, a diff of each file, and what a person wrote by hand
that differs from policy and stays. With --at also which jobs are disabled and which backups are purged by then, if
nothing changes. ${LOOKS}

Exit codes: 0 a sync would change nothing; 3 it would; 1 something fails or waits for a person; 2 wrong settings.

Examples:
  bacula-openstack-sync plan
  bacula-openstack-sync plan --at +30d --no-diff
  POOL=Gold bacula-openstack-sync plan --vm web01
`,
  why: `
Whether the VM is protected, by which job, by which policy and where that comes from, its last good backup, what
happens next and when; or why it is not protected. ${VM}
${LOOKS}

Exit codes: 0 answered; 1 no VM is called so; 2 wrong settings.

Examples:
  bacula-openstack-sync why web01
  bacula-openstack-sync why 014c5892-5efb-4efb-bd60-4e038800475d --output json
`,
  report: `
Totals of all clients and of each, then every VM: client, phase, JobDefs and where it comes from, last good backup,
whether it is protected, and why not. CSV is that of RFC 4180.
${LOOKS}

Exit codes: 0 well, also when VMs are unprotected; 1 the VMs of a client could not be seen; 2 wrong settings.

Examples:
  bacula-openstack-sync report
  bacula-openstack-sync report --output csv > fleet.csv
`,
  hold: `
The job of the VM is never disabled and its backups are never purged, until release. Writes the header #@hold of its
job file and nothing else. Neither the Director nor the catalog is asked. ${VM}
${SETTINGS} DRYRUN=1 shows what would be written.

Exit codes: 0 held; 1 no VM or several are called so, or the file could not be written; 2 wrong settings; 4 lock held.

Example:
  bacula-openstack-sync hold web01 --reason "legal case 12"
`,
  release: `
Takes the header #@hold of the VM's job file away and writes nothing else. ${VM}
${SETTINGS} DRYRUN=1 shows what would be written.

Exit codes: 0 not held any more; 1 no VM or several are called so, or the file could not be written; 2 wrong settings;
4 lock held.

Example:
  bacula-openstack-sync release web01
`,
} as const;
