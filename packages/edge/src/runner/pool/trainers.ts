import type { Health, TrainingSpec } from '@weft/protocol'
import type { MonotonicClock } from '../hashing/monotonic-clock.ts'
import { ranked } from '../hashing/rendezvous.ts'
import type { Training } from '../training.ts'
import type { Member } from './member.ts'
import type { RunnerPool } from './runner-pool.ts'

/** How long a runner that has a job may be away, while others are there, before the job is given to one of them. */
const goneAfterMs = 20_000

/** The runners that train. A job stays at the one that got it, by that one's name; nothing else could follow it. */
export interface Trainers {
  /**
   * The runner for a job: the idlest of those that hold its base model, and of jobs with one joint word the same, whatever else it has: only there can they share a
   * batch. Error 503 `runner_unavailable` where there is none.
   */
  choose(spec: TrainingSpec): Promise<string>
  /** Training at one runner. @param name undefined for a job that was given away when there was one runner */
  at(name: string | undefined): Training
  health(name: string | undefined): Promise<Health>
  /** Whether a runner does not belong to the pool any more, or has been away for long while another is there. */
  isGone(name: string | undefined): boolean
}

/** The training side of a pool. */
export const trainers = (pool: RunnerPool, now: MonotonicClock): Trainers => {
  const trains = ({ work }: Member) => work.includes('training')
  const find = (name: string | undefined): Member | undefined => {
    const known = pool.membership.known
    return name === undefined ? known.find(trains) : known.find((runner) => runner.name === name)
  }
  const need = (name: string | undefined): Member => {
    const runner = find(name)
    if (!runner) throw pool.nobody('training')
    return runner
  }
  /** What a job's runner says, or does not say, tells how it fares. */
  const heeding = async <T>(runner: Member, call: (training: Training) => Promise<T>): Promise<T> => {
    try {
      const answer = await call(runner.backend.training)
      runner.failingSince = undefined
      return answer
    } catch (error) {
      pool.learn(runner, error)
      // It may have left its name's addresses, and where only jobs ask nobody else looks.
      pool.membership.members().catch(() => {})
      throw error
    }
  }
  return {
    async choose({ jobId, joint, model }) {
      const members = (await pool.membership.members()).filter(trains)
      const [sole] = members
      if (sole && members.length === 1) return sole.name
      const fit = await pool.someFit('training', model.name)
      const ofBase = fit.filter(({ health }) => health!.models.some(({ name, fingerprint }) => name === model.name && fingerprint === model.fingerprint))
      if (ofBase.length === 0) throw pool.nobody('training', model.name)
      // Each is supervised by itself, and nothing tells it where the others went: the word alone says it.
      if (joint !== undefined) return ranked(joint, ofBase)[0]!.name
      const jobs = ({ health }: Member) => health!.jobs.running + health!.jobs.queued
      await Promise.allSettled(ofBase.map((runner) => pool.check(runner)))
      return ranked(jobId, ofBase).toSorted((a, b) => jobs(a) - jobs(b))[0]!.name
    },
    at: (name) => ({
      submit: (spec, files) => heeding(need(name), (training) => training.submit(spec, files)),
      job: (id, after) => heeding(need(name), (training) => training.job(id, after)),
      checkpoint: (id) => heeding(need(name), (training) => training.checkpoint(id)),
      result: (id) => heeding(need(name), (training) => training.result(id)),
      cancel: async (id) => {
        const runner = find(name)
        // Whoever is not in the pool has no job of its.
        if (runner) await heeding(runner, (training) => training.cancel(id))
      },
    }),
    health: (name) => pool.check(need(name)),
    isGone(name) {
      if (name === undefined) return false
      const others = pool.membership.known.filter((runner) => trains(runner) && runner.name !== name)
      if (others.length === 0) return false
      const since = find(name)?.failingSince
      return find(name) === undefined || (since !== undefined && now() - since > goneAfterMs)
    },
  }
}
