import type { Calibration } from '@weft/protocol'
import type { Calibrations } from '../calibrations.ts'
import { written } from '../written.ts'
import type { SqlDatabase } from './sql-database.ts'

const spelled = (choices: readonly string[] = []): string => JSON.stringify(choices)

/** A tenant's calibrations in a database. */
export const sqlCalibrations = (db: SqlDatabase, tenant: string): Calibrations => ({
  async get(key, choices) {
    const json = await db
      .prepare('SELECT calibration FROM calibrations WHERE tenant = ? AND composition = ? AND choices = ?')
      .bind(tenant, key, spelled(choices))
      .first<string>('calibration')
    return json === null ? undefined : (JSON.parse(json) as Calibration)
  },
  async list() {
    const { results } = await db.prepare('SELECT calibration FROM calibrations WHERE tenant = ?').bind(tenant).all<{ calibration: string }>()
    return results.map(({ calibration }) => JSON.parse(calibration) as Calibration)
  },
  async put(calibration) {
    await written(
      db
        .prepare(
          'INSERT INTO calibrations (composition, choices, calibration, created_at, tenant) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (tenant, composition, choices) DO UPDATE SET calibration = ?3, created_at = ?4',
        )
        .bind(calibration.key, spelled(calibration.choices), JSON.stringify(calibration), calibration.createdAt, tenant)
        .run(),
    )
  },
  async delete(key, choices) {
    const statement = db.prepare('DELETE FROM calibrations WHERE tenant = ? AND composition = ? AND choices = ?')
    return (await written(statement.bind(tenant, key, spelled(choices)).run())).meta.changes > 0
  },
})
