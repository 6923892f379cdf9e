import { sha256 } from '@weft/adapters'
import type { AnsweredProbe } from '@weft/protocol'

/** Probes as they travel to a runner: JSON Lines. */
export const probeLines = (probes: readonly AnsweredProbe[]): string => probes.map((probe) => `${JSON.stringify(probe)}\n`).join('')

/** What a job remembers of the probes that it was created with. */
export const probesDigest = (probes: readonly AnsweredProbe[]): Promise<string> => sha256(new TextEncoder().encode(probeLines(probes)))
