import { isWeftError, type RunnerList, runnerListSchema } from '@weft/protocol'
import { Hono } from 'hono'
import { sendJson } from '../../http/body.ts'
import { endpoint } from '../../http/endpoint.ts'
import type { Variables } from '../../http/variables.ts'
import type { Member } from '../../runner/pool/member.ts'
import type { RunnerPool } from '../../runner/pool/runner-pool.ts'

const description = endpoint({ summary: 'Each runner, what it holds and how busy it is', tag: 'Operations', answer: runnerListSchema })

/** `GET /v1/runners`: every runner of the pools, asked now. One that does not answer is told of too, so the endpoint answers without any. */
export const runnersRoute = ({ pool }: { pool: RunnerPool }) =>
  new Hono<Variables>().get('/v1/runners', description, async (c) => {
    const members = await pool.membership.members()
    await Promise.allSettled(members.map((runner) => pool.check(runner, c.req.raw.signal)))
    await pool.compare()
    const loads = members.map((runner) => pool.loadOf(runner))
    const total = loads.reduce((sum, load) => sum + load, 0)
    const data = members.map((runner, at) => told(runner, pool, total > 0 ? loads[at]! / total : null))
    return sendJson(c, { object: 'list', data })
  })

function told(runner: Member, pool: RunnerPool, share: number | null): RunnerList['data'][number] {
  const { name, work, state, distrust, health, inFlight, requests, failures } = runner
  const errors = [...(state === 'unreachable' ? [runner.failure] : []), ...(distrust ? [distrust] : pool.disagreements(runner))]
  return {
    object: 'runner',
    id: name,
    pool: runner.pool,
    work: [...work],
    status: pool.isRefused(runner) ? 'refused' : state,
    device: health?.device.name ?? null,
    models: (health?.models ?? []).map((model) => ({ name: model.name, fingerprint: model.fingerprint })),
    inFlight,
    requests,
    failures,
    share: share === null ? null : Math.round(1000 * share) / 1000,
    jobs: health?.jobs ?? null,
    errors: errors.map((error) => ({
      code: isWeftError(error) ? error.code : 'internal_error',
      message: error instanceof Error ? error.message : String(error),
    })),
  }
}
