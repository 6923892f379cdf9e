import type { Health, HeldModel } from '@weft/protocol'
import { runnerOfAnotherModel } from './errors.ts'
import type { Member } from './member.ts'

/**
 * What a base model's name stands for in a pool: the fingerprint that most of its runners hold, and of as many the one that the first of them holds. Runners
 * over another model of the same name are not asked for it; they may serve other models.
 */
export function agreedModels(members: readonly Member[]): Map<string, HeldModel> {
  const holders = new Map<string, Map<string, { model: HeldModel; count: number }>>()
  for (const { health, distrust } of members)
    for (const model of distrust ? [] : (health?.models ?? [])) {
      const byFingerprint = holders.get(model.name) ?? new Map()
      holders.set(model.name, byFingerprint)
      const held = byFingerprint.get(model.fingerprint) ?? { model, count: 0 }
      byFingerprint.set(model.fingerprint, { ...held, count: held.count + 1 })
    }
  return new Map([...holders].map(([name, held]) => [name, [...held.values()].toSorted((a, b) => b.count - a.count)[0]!.model]))
}

/** The errors of a runner whose models are not those that the others agree on. */
export function disagreements(member: Member, members: readonly Member[]): Error[] {
  const agreed = agreedModels(members)
  return (member.health?.models ?? []).flatMap(({ name, fingerprint }) => {
    const expected = agreed.get(name)?.fingerprint
    if (expected === undefined || expected === fingerprint) return []
    const others = members.filter(({ health }) => health?.models.some((model) => model.name === name && model.fingerprint === expected))
    return [
      runnerOfAnotherModel(
        name,
        fingerprint,
        expected,
        others.map((other) => other.name),
      ),
    ]
  })
}

/** What a pool says of itself, as one runner would: what all serve together. */
export function mergedHealth(members: readonly Member[]): Health {
  const answering = members.filter(({ state, distrust }) => !distrust && (state === 'ok' || state === 'starting' || state === 'stopping'))
  const heard = answering.flatMap(({ health }) => health ?? [])
  const status = (['ok', 'starting', 'stopping'] as const).find((each) => heard.some((health) => health.status === each)) ?? 'starting'
  const devices = [...new Set(heard.map(({ device }) => device.name))]
  const failures = heard.flatMap((health) => health.failures ?? [])
  return {
    status,
    device: { name: devices.join(', '), reason: `${answering.length} of ${members.length} runners answer. ${heard[0]?.device.reason ?? ''}`.trim() },
    models: [...agreedModels(answering).values()],
    jobs: {
      running: heard.reduce((sum, { jobs }) => sum + jobs.running, 0),
      queued: heard.reduce((sum, { jobs }) => sum + jobs.queued, 0),
    },
    ...(failures.length > 0 ? { failures } : {}),
  }
}
