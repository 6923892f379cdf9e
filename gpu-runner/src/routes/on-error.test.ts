import { WeftError } from '@weft/adapters'
import { GraphError } from '@weft/graph'
import { OrtError } from '@weft/ort'
import { TrainingError } from '@weft/training'
import { expect, test } from 'vitest'
import { toWireError } from './on-error.ts'

test('an error of our own making is ours, whatever it is called', () => {
  expect(toWireError(new GraphError('shape_mismatch', 'MatMul: 3 and 4')).status).toBe(500)
  expect(toWireError(new OrtError('ort_fail', 'it broke')).status).toBe(500)
  expect(toWireError(new TypeError('x is undefined'))).toMatchObject({ status: 500, body: { error: { code: 'internal_error' } } })
  expect(toWireError(new TrainingError('checkpoint_lost', 'gone', { fault: 'ours' })).status).toBe(500)
})

test('what a caller can mend keeps its status', () => {
  expect(toWireError(new TrainingError('labels_too_few', 'one label')).status).toBe(422)
  expect(toWireError(new WeftError('not_here', 'no', { status: 404 })).status).toBe(404)
})
