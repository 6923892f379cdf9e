import type { Health } from '@weft/protocol'

/** `GET /health` of the edge: it answers, and what it knows of its runner. */
export interface EdgeHealth {
  status: 'ok'
  runner: ({ reachable: true } & Pick<Health, 'status' | 'device' | 'models' | 'jobs'>) | { reachable: false; code: string; message: string }
}
