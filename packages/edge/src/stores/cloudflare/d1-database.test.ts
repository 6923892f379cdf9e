import { expect, test } from 'vitest'
import type { SqlDatabase } from '../sql/sql-database.ts'
import { d1Database } from './d1-database.ts'

/** A database that fails so, whatever it is asked. */
const failing = (message: string, options?: { local: boolean }): SqlDatabase => {
  const fails = () => Promise.reject(new Error(message))
  const prepared = { bind: () => prepared, first: fails, all: fails, run: fails }
  return d1Database({ prepare: () => prepared, batch: fails } as unknown as D1Database, options)
}

const asks: ((database: SqlDatabase) => Promise<unknown>)[] = [
  (database) => database.prepare('SELECT 1').first(),
  (database) => database.prepare('SELECT ?').bind(1).all(),
  (database) => database.prepare('DELETE FROM keys').run(),
  (database) => database.batch([database.prepare('SELECT 1')]),
]

// With and without the name that D1 puts before it.
test.each(['internal error; reference = al3he3q28ug6sgj1r8hba12v', 'D1_ERROR: internal error; reference = al3he3q28ug6sgj1r8hba12v'])(
  'one on a full disk of one\'s own that says "%s" is 507, read or written',
  async (message) => {
    for (const ask of asks) {
      await expect(ask(failing(message, { local: true }))).rejects.toMatchObject({
        code: 'storage_full',
        status: 507,
        message: expect.stringMatching(/al3he3q28ug6sgj1r8hba12v.*full disk/),
      })
      // Elsewhere nobody knows what it was.
      const told = await ask(failing(message)).catch((error: unknown) => error)
      expect(told).toMatchObject({ message })
      expect(told).not.toHaveProperty('code')
    }
  },
)

test('one that is away for a moment is that, wherever it lies; what else it says is told as it is', async () => {
  for (const local of [true, false])
    for (const ask of asks) {
      await expect(ask(failing('Network connection lost.', { local }))).rejects.toMatchObject({ code: 'database_unavailable', status: 503 })
      await expect(ask(failing('no such table: nowhere', { local }))).rejects.toThrow('no such table: nowhere')
    }
})
