/** Runs of each VM in the filled catalog. */
export const RUNS_PER_VM = 2;

/**
 * Fills an empty catalog of Bacula: VMs 1 to `vms` of client fd-1 with jobs `backup-a_1-vm<n>`, and as many of fd-2 with
 * jobs `backup-aX1-vm<n>`, which an unescaped LIKE would take for the same; all of them on the same few volumes, and each
 * run with rows in every table that has a JobId. JobId of run r of VM n: odd VMs' and even ones' runs are interleaved
 * between the clients, so that no range of ids is one client's.
 */
export function fillCatalog(vms: number): string {
  const runs = vms * RUNS_PER_VM * 2;
  const each = `FROM generate_series(1, ${runs}) g`;
  return `
    INSERT INTO Client (ClientId, Name, Uname) VALUES (1, 'fd-1', ''), (2, 'fd-2', '');
    INSERT INTO Pool (PoolId, Name, PoolType, LabelFormat) VALUES (1, 'Default', 'Backup', '');
    INSERT INTO Storage (StorageId, Name) VALUES (1, 'File1');
    INSERT INTO Media (MediaId, VolumeName, PoolId, MediaType, StorageId, VolStatus)
      SELECT m, 'Vol-' || m, 1, 'File', 1, CASE WHEN m = 7 THEN 'Append' ELSE 'Full' END FROM generate_series(1, 9) m;
    INSERT INTO FileSet (FileSetId, FileSet, MD5, CreateTime)
      SELECT n, 'fs-a-vm' || n, 'x', now() FROM generate_series(1, ${vms}) n
      UNION ALL SELECT ${vms} + n, 'fs-b-vm' || n, 'x', now() FROM generate_series(1, ${vms}) n;
    INSERT INTO Job (JobId, Job, Name, Type, Level, ClientId, JobStatus, JobTDate, JobFiles, FileSetId)
      SELECT g, 'run-' || g,
        CASE WHEN g % 2 = 1 THEN 'backup-a_1-vm' ELSE 'backup-aX1-vm' END || ((g - 1) / 2 % ${vms} + 1),
        'B', 'F', 2 - g % 2, 'T', 1700000000 + g, 1,
        CASE WHEN g % 2 = 1 THEN 0 ELSE ${vms} END + ((g - 1) / 2 % ${vms} + 1) ${each};
    INSERT INTO JobHisto SELECT * FROM Job WHERE JobId <= 0;
    INSERT INTO Path (PathId, Path) VALUES (1, '/');
    INSERT INTO File (FileIndex, JobId, PathId, Filename, LStat, Md5) SELECT 1, g, 1, 'f', 'x', 'x' ${each};
    INSERT INTO FileMedia (JobId, FileIndex, MediaId) SELECT g, 1, g % 5 + 1 ${each};
    INSERT INTO JobMedia (JobId, MediaId) SELECT g, g % 5 + 1 ${each};
    INSERT INTO JobMedia (JobId, MediaId) SELECT g, CASE WHEN g % 4 = 1 THEN 6 ELSE 7 END ${each} WHERE g % 2 = 1;
    INSERT INTO Log (JobId, LogText) SELECT g, 'x' ${each};
    INSERT INTO RestoreObject (ObjectName, RestoreObject, PluginName, JobId) SELECT 'x', 'x', 'x', g ${each};
    INSERT INTO Object (ObjectId, JobId, Path, Filename, PluginName, ObjectCategory, ObjectType, ObjectName, ObjectSource,
      ObjectUUID, ObjectSize) SELECT 100000 + g, g, '', '', '', '', '', '', '', '', 1 ${each};
    INSERT INTO TagObject (ObjectId, Tag) SELECT 100000 + g, 'x' ${each};
    INSERT INTO FileEvents (SourceJobId, JobId, FileIndex) SELECT g % ${runs} + 1, g, 1 ${each};
    INSERT INTO MetaEmail (JobId, FileIndex) SELECT g, 1 ${each};
    INSERT INTO MetaAttachment (JobId, FileIndex) SELECT g, 1 ${each};
    INSERT INTO BaseFiles (JobId, FileId, BaseJobId) SELECT g, 1, g ${each};
    INSERT INTO PathVisibility (PathId, JobId) SELECT 1, g ${each};
    INSERT INTO UnsavedFiles (UnsavedId, JobId, PathId, Filename) SELECT g, g, 1, 'x' ${each};
    INSERT INTO TagJob (JobId, Tag) SELECT g, 'x' ${each};
    INSERT INTO Snapshot (Name, JobId, FileSetId, CreateDate, Volume, Device, Type)
      SELECT 's' || g, g, 0, now(), 'x', 'x', 'x' ${each};
  `;
}
