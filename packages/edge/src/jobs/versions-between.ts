import type { FineTuningJob } from '@weft/protocol'

/** Versions of an adapter between the one that its job goes on from and another of the same name: `name@2`, which what the job comes to has nothing of. */
export function versionsBetween({ from, suffix }: Pick<FineTuningJob, 'from' | 'suffix'>, version: number): string[] {
  const [, name, started] = /^(.*)@(\d+)$/.exec(from ?? '') ?? []
  if (name !== suffix) return []
  return Array.from({ length: Math.max(0, version - Number(started) - 1) }, (_, n) => `${name}@${Number(started) + 1 + n}`)
}
