import type { Calibration } from '@weft/protocol'
import type { Calibrations } from '../calibrations.ts'
import { written } from './written.ts'

const spelled = (choices: readonly string[] = []): string => JSON.stringify(choices)

/** Calibrations in D1. */
export const d1Calibrations = (db: D1Database): Calibrations => ({
  async get(key, choices) {
    const json = await db
      .prepare('SELECT calibration FROM calibrations WHERE composition = ? AND choices = ?')
      .bind(key, spelled(choices))
      .first<string>('calibration')
    return json === null ? undefined : (JSON.parse(json) as Calibration)
  },
  async put(calibration) {
    await written(
      db
        .prepare(
          'INSERT INTO calibrations (composition, choices, calibration, created_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (composition, choices) DO UPDATE SET calibration = ?3, created_at = ?4',
        )
        .bind(calibration.key, spelled(calibration.choices), JSON.stringify(calibration), calibration.createdAt)
        .run(),
    )
  },
  async delete(key, choices) {
    return (await written(db.prepare('DELETE FROM calibrations WHERE composition = ? AND choices = ?').bind(key, spelled(choices)).run())).meta.changes > 0
  },
})
