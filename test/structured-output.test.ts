import { openSession } from '@weft/session'
import { expect, test } from 'vitest'
import { structuredAnswers } from './acceptance/structured-output.ts'

test('100 answers of the bundled model under grammars parse and are valid', async () => {
  await using session = await openSession('@weft/base-model', { threads: 2 })
  expect(await structuredAnswers(session, { answers: 100, seed: 1 })).toMatchObject({ valid: 100, wrong: [] })
})
