import { readFile, writeFile } from 'node:fs/promises';

/** What the kernel says of a process's memory, in bytes. */
async function memoryOf(pid: number): Promise<{ readonly resident: number; readonly peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)![1]) * 1_024;
  return { resident: bytes('VmRSS'), peak: bytes('VmHWM') };
}

/** By how many bytes a process's resident memory stood above its present size at most while `work` went on. */
export async function memoryPeak(pid: number, work: () => Promise<unknown>): Promise<number> {
  // The peak begins anew: https://docs.kernel.org/filesystems/proc.html (clear_refs)
  await writeFile(`/proc/${pid}/clear_refs`, '5');
  const { resident } = await memoryOf(pid);
  await work();
  return (await memoryOf(pid)).peak - resident;
}
