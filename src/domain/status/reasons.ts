// Every condition type and reason that this program writes, each with what it means. Alerts, scripts and the
// documentation rely on these words; a reason is never renamed, and the same cause always has the same reason.

/** Condition types of an OpenStackClient. */
export const CLIENT_CONDITIONS = {
  Ready: "The client is seen, its catalog read, and the Director has its jobs. Does not depend on its VMs' phases.",
  Reconciling: "Only while True: something is not done yet and is tried again without anybody's help.",
  Stalled: "Only while True: it goes on only after a person has changed something.",
  Discovered: "Whether the last listing of VMs is to be trusted.",
  CatalogReachable: "Whether the catalog could be read.",
  RemovalAllowed: "Whether absent VMs go their way to a disabled job; False while they are held.",
  Published: "Whether the Director has the client's files as they stand.",
  DirectorConfigInvalid: "Only while True: the Director refuses its configuration for a cause outside our files.",
  Paused: "Only while True: a person has suspended the client.",
} as const;
export type ClientConditionType = keyof typeof CLIENT_CONDITIONS;

/** Condition types of a ManagedVM. */
export const VM_CONDITIONS = {
  Ready:
    "The VM is where its phase says: True for Active, Disabled and OptedOut, False for Missing, Rejected, Purging.",
  Published: "Whether the Director has the VM's job as it stands.",
  BackedUp: "Whether there is a good backup of the present FileSet, and within maxBackupAge.",
  PolicyAccepted: "Whether the JobDefs that was wished for is the one in force.",
  Reconciling: "Only while True: the job is on its way to the Director.",
  Stalled: "Only while True: a refused file waits for a person.",
  Paused: "Only while True: a person has suspended the VM, or disabled its job in the file.",
} as const;
export type VmConditionType = keyof typeof VM_CONDITIONS;

/** Reasons on an OpenStackClient. A reason of Ready, Reconciling or Stalled is that of the condition that it sums up. */
export const CLIENT_REASONS = {
  Succeeded: "All is as wanted.",
  Progressing: "Not known yet: the first pass is on its way.",
  ProgressingWithRetry: "Something failed and is tried again.",
  Suspended: "spec.suspend is true: nothing is asked or changed; backups go on.",
  DryRun: "Nothing is written; status.plan shows what would be.",
  InvalidSpec: "The stored spec breaks a rule of this release.",
  ClientTaken: "Another resource owns this Bacula client.",
  JobPrefixTaken: "Another resource owns this jobPrefix.",
  FolderTaken: "Another resource owns this datacenter and openstack.",
  OtherFrontEnd: "Another front end applied another policy last: existing files stay as they are.",
  UnknownReference: "The policy names what the Director does not have.",
  // Discovered
  Listed: "The listing is trusted.",
  PageLimitSuspected: "The listing is trusted, but its length is that of a page: perhaps VMs are missing from it.",
  DirectorUnreachable: "bconsole could not connect or log in.",
  DirectorConsolesLow: "Few of the Director's consoles are free: discovery pauses.",
  ConsoleFailed: "bconsole is missing, was killed, or lost its session.",
  TimedOut: "No answer in time.",
  AnswerTooLarge: "The answer was longer than BCONSOLE_MAX_BYTES.",
  ClientUnknown: "The Director has no such Client.",
  NotAuthorized: "The Console may not do this.",
  ClientUnreachable: "The Director does not reach the File Daemon.",
  PluginError: "The File Daemon or its plugin reports an error.",
  EmptyAnswer: "The answer was empty, and allowEmpty is off.",
  UnreadableAnswer: "The answer has lines that are no records.",
  AbsencesNotConfirmed: "Asked again, the answer was another one.",
  ClockSkew: "Our clock and the catalog's differ by more than 5 minutes.",
  ContradictedByBackups: "VMs that are not listed have been backed up since.",
  // CatalogReachable
  CatalogRead: "The catalog was read.",
  CatalogUnreachable: "No connection to PostgreSQL.",
  CatalogNotAuthorized: "PostgreSQL refuses the user.",
  CatalogWrongSchema: "The database is not a Bacula catalog that we know.",
  CatalogTimedOut: "The query took too long.",
  CatalogQueryFailed: "PostgreSQL reports an error.",
  // RemovalAllowed
  WithinLimits: "No more VMs are absent than the limits allow.",
  TooManyMissing: "More VMs are absent at once than the limits allow: they wait for approval.",
  TooManyDisabled: "More jobs would be disabled in 24 hours than the limits allow: they wait for approval.",
  PolicyOutage: "More VMs lost or changed their tags at once than the limits allow: they wait for approval.",
  Hold: "The file HOLD in BASE_DIR stops every disable and purge.",
  DiscoveryUnavailable: "No trusted listing: nothing is known of absences.",
  // Published
  Published: "The Director has every accepted file.",
  DirectorBusy: "The Director could not take the change now.",
  DirectorRefused: "The Director refused the change; the last good files are in force.",
  PublishFailed: "The change could not be published; the last good files are in force.",
  ReloadLeft: "RELOAD_AFTER_SYNC is 0: the files are in place, and the Director reads them at its next reload.",
  PluginChangeHeld:
    "More Plugin lines would follow a changed policy at once than the limit allows: they wait for approval.",
  NewVmsWait: "More new VMs than one pass protects: the rest follows in the next pass.",
  WriteFailed: "Some files could not be written.",
  LockHeld: "Another writer holds the lock of BASE_DIR.",
  NotWritable: "BASE_DIR is read-only or not ours to write.",
  NotFound: "BASE_DIR is not there.",
  NoSpace: "The volume is full.",
  WrongVolume: "BASE_DIR has no job files, but the Director lists jobs of this client.",
  SymlinkRefused: "A path in BASE_DIR is a symbolic link.",
  ReadFailed: "BASE_DIR could not be read.",
  ErrorOutsideOurFiles: "The Director's configuration has an error that is not in our files.",
} as const;
export type ClientReason = keyof typeof CLIENT_REASONS;

/** Reasons on a ManagedVM. */
export const VM_REASONS = {
  Succeeded: "The VM has its job.",
  Progressing: "The job is on its way.",
  Missing: "Absent from trusted listings, in the grace time.",
  Disabled: "Absent for longer than the grace time; its job is disabled, its backups are kept.",
  OptedOut: "Tagged backup=false.",
  Rejected: "A change of its files was refused; the last good ones are in force.",
  Purging: "Its job, files and backups are being deleted.",
  JobFileMissing: "The catalog knows its job, the file is missing, and healMissingFiles is false.",
  NotScheduled: "Its job is disabled in the Director or has no next run.",
  EnabledInConsole: "Its job runs in the Director although its file disables it.",
  // Published
  Published: "The Director has the job.",
  Pending: "The job waits for the Director.",
  // BackedUp
  GoodBackup: "There is a good backup.",
  NeverRun: "The job has not run yet.",
  NoGoodBackup: "No run ended well and with files.",
  OtherFileSet: "The last good backup is of another FileSet.",
  TooOld: "The last good backup is older than maxBackupAge.",
  CatalogUnavailable: "The catalog could not be read yet.",
  // PolicyAccepted
  Accepted: "The JobDefs that was wished for is in force.",
  Kept: "Nothing is wished for now; the JobDefs of the job file stays.",
  NotAllowed: "allowedJobDefs does not allow the tag's JobDefs.",
  NotFound: "The Director has no such JobDefs.",
  NotBackup: "The JobDefs is not of type Backup.",
  Shadowed: "Lines of the job file go before those of the tag's JobDefs.",
  TagChangeWaits: "The tags changed again too soon; what they ask for now is applied later.",
  NotJudged: "The Director's JobDefs could not be read yet, or another front end's policy is in force.",
  // Paused
  Suspended: "spec.suspend is set: directives stay as they are, absence does not count.",
  DisabledInFile: "A person has set Enabled = no in the job file.",
} as const;
export type VmReason = keyof typeof VM_REASONS;
