import { expect, test } from 'vitest'
import { written } from '../written.ts'
import { databaseFault } from './database-fault.ts'

test.each([
  ['database disk image is malformed', 'database_damaged', 500],
  ['D1_ERROR: database disk image is malformed: SQLITE_CORRUPT', 'database_damaged', 500],
  ['file is not a database', 'database_damaged', 500],
  ['invalid page in block 3 of relation base/5/16384', 'database_damaged', 500],
  ['attempt to write a readonly database', 'storage_read_only', 507],
  ['cannot execute INSERT in a read-only transaction', 'storage_read_only', 507],
  ["EROFS: read-only file system, open '/objects/a'", 'storage_read_only', 507],
  ['no such table: keys', 'database_incomplete', 500],
])('a store that says "%s" is %s, whatever was asked of it, and no full disk', async (message, code, status) => {
  const fault = { code, status, fault: 'ours', message: expect.not.stringContaining('full disk') }
  expect(databaseFault(new Error(message))).toMatchObject(fault)
  await expect(written(Promise.reject(new Error(message)))).rejects.toMatchObject(fault)
})

test('what a host does about it is said for each of them', () => {
  for (const message of ['file is not a database', 'no such table: keys'])
    expect(databaseFault(new Error(message))!.message).toMatch(/`weft serve`.*`npm start`/)
  expect(databaseFault(new Error('database or disk is full'))).toBeUndefined()
})
