import { expect, test } from 'vitest'
import * as errors from './errors.ts'

test.each([
  ['permission denied for schema public', '42501', /GRANT USAGE, CREATE ON SCHEMA public/],
  ['no schema has been selected to create in', '3F000', /GRANT USAGE, CREATE ON SCHEMA public/],
  ['database "none" does not exist', '3D000', /Make it first/],
  ['password authentication failed', '28P01', /are its address, user and password right/],
  ['connect ECONNREFUSED 127.0.0.1:1', 'ECONNREFUSED', /Is it running/],
])('what PostgreSQL says (%s) decides what is advised', (message, code, advice) => {
  const { message: said } = errors.databaseUnreachable('postgres://me:secret@host/none', Object.assign(new Error(message), { code }))
  expect(said).toMatch(advice)
  expect(said).toContain(message)
  expect(/Is it running/.test(said)).toBe(!['42501', '3F000', '3D000'].includes(code))
})

test('a place is told without an option: weft serve names it by --database and --storage, weft move by --from and --to', () => {
  const told = [
    errors.databaseNotUnderstood('x:y'),
    errors.databaseUrlNotUnderstood('postgres://x'),
    errors.databaseNoFile('x', 'it is a folder'),
    errors.storageNotUnderstood('x:y'),
    errors.storageNoFolder('x'),
    errors.s3Variable('AWS_REGION'),
    errors.bucketMissing('x', 'https://s3'),
    errors.storageFilledBeforeNew('x', 'y'),
  ].map(({ message }) => message)
  for (const message of told) expect(message).not.toMatch(/--|weft serve/)
})

test.each([
  [{ code: 'EACCES' }, /user that this process runs as/],
  [{ code: 'EROFS' }, /can only be read/],
  [{ code: 'ENOSPC' }, /no room left/],
  [{ code: 'ERR_SQLITE_ERROR', errcode: 14 }, /neither opened nor made.*user that/],
  [{ code: 'ERR_SQLITE_ERROR', errcode: 1032 }, /can only be read/],
  [{ code: 'ERR_SQLITE_ERROR', errcode: 13 }, /no room left/],
])('what the system says of a place (%o) decides what is advised', (said, advice) => {
  const error = Object.assign(new Error("cannot, mkdir '/x'"), said)
  expect(errors.sqliteUnusable('/x/w.sqlite', error).message).toMatch(advice)
  expect(errors.sqliteUnusable('/x/w.sqlite', error).message).not.toContain('Name a file of SQLite')
  if (!('errcode' in said)) expect(errors.storageNotWritable('/x', error).message).toMatch(advice)
})

test('of what says nothing of the place, a storage is told the reason alone', () => {
  expect(errors.storageNotWritable('s3://b/x', new Error('Access Denied')).message).toBe('The storage s3://b/x cannot be written: Access Denied.')
})
