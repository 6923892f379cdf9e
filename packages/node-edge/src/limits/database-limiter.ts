import { type Lease, type Limiter, type LimitsState, type SqlDatabase, type SqlStatement, TenantLimits, written } from '@weft/edge/host'
import { InOrder } from '../hosted/in-order.ts'

type Kind = 'bucket' | 'spent' | 'lease'

/**
 * Limits of every tenant, counted in this process and kept in the database: what one is granted was written before, and what could not be written takes
 * nothing. Error 507 `storage_full`.
 */
export function databaseLimiter(database: SqlDatabase): Limiter {
  const held = new Map<string, Promise<KeptLimits>>()
  const of = (tenant: string): Promise<KeptLimits> => {
    let limits = held.get(tenant)
    if (!limits) {
      held.set(tenant, (limits = keptLimits(database, tenant)))
      limits.catch(() => held.delete(tenant))
    }
    return limits
  }
  return {
    async reserve(tenant, reservation) {
      const { limits, kept } = await of(tenant)
      const verdict = limits.reserve(reservation, Date.now())
      // A refusal takes nothing. Leases that are over end again where they are read again.
      if (verdict.granted) await kept(() => limits.cancel(reservation.id, Date.now()))
      return verdict
    },
    async settle(tenant, id, tokens) {
      const { limits, kept } = await of(tenant)
      limits.settle(id, tokens, Date.now())
      await kept()
    },
  }
}

interface KeptLimits {
  limits: TenantLimits
  /** Through once everything is written that has changed. @param undo called where it is not, before anything else is written */
  kept(undo?: () => void): Promise<void>
}

async function keptLimits(database: SqlDatabase, tenant: string): Promise<KeptLimits> {
  const { results } = await database
    .prepare('SELECT kind, key, value FROM limits WHERE tenant = ?')
    .bind(tenant)
    .all<{ kind: Kind; key: string; value: string }>()
  const entries = <V>(of: Kind): [string, V][] => results.filter(({ kind }) => kind === of).map(({ key, value }) => [key, JSON.parse(value) as V])
  const state: LimitsState = { buckets: new Map(entries('bucket')), spent: new Map(entries('spent')), leases: new Map(entries<Lease>('lease')) }

  // Of several changes to one row before it is written, the last is.
  let changed = new Map<string, SqlStatement>()
  const insert = database.prepare(
    'INSERT INTO limits (tenant, kind, key, value) VALUES (?, ?, ?, ?) ON CONFLICT (tenant, kind, key) DO UPDATE SET value = excluded.value',
  )
  const write = (kind: Kind, key: string, value: unknown): void => void changed.set(`${kind} ${key}`, insert.bind(tenant, kind, key, JSON.stringify(value)))
  const remove = database.prepare("DELETE FROM limits WHERE tenant = ? AND kind = 'lease' AND key = ?")
  const writes = new InOrder()
  return {
    limits: new TenantLimits({
      read: () => state,
      writeBucket: (key, bucket) => write('bucket', key, bucket),
      writeSpent: (key, spent) => write('spent', key, spent),
      writeLease: (id, lease) => write('lease', id, lease),
      deleteLease: (id) => void changed.set(`lease ${id}`, remove.bind(tenant, id)),
    }),
    kept: (undo) =>
      writes.run(async () => {
        const writing = changed
        changed = new Map()
        if (writing.size === 0) return
        try {
          await written(database.batch([...writing.values()]))
        } catch (error) {
          // With the next change; what has changed since is newer.
          changed = new Map([...writing, ...changed])
          undo?.()
          throw error
        }
      }),
  }
}
