import { WeftError } from '@weft/adapters'

const reasonOf = (error: unknown): string => {
  const { message, code } = error as { message?: string; code?: string }
  return (message || code || String(error)).replace(/\s+/g, ' ')
}

/** Of a URL, a mistyped one too, without what stands before its host, user and password, and without its parameters, among which a password may be too. */
export const withoutSecrets = (url: string): string => url.replace(/^([a-z][a-z0-9+.-]+:\/*)(?:.*@)?([^?]*).*$/i, '$1$2')

const failure = (code: string, message: string, status = 500, cause?: unknown) => new WeftError(code, message, { status, cause })

export const databaseNotUnderstood = (database: string) =>
  failure(
    'invalid_database',
    `The database "${withoutSecrets(database)}" is none that is known. Expected a file for SQLite (.weft/serve/weft.sqlite; one whose name has a colon begins with ./) or postgres://user:password@host/name.`,
    400,
  )

/** Where a shell has not: it does so at the beginning of a word, and not behind `--storage=`, in quotes, or in the file of a service. */
export const homeNotWrittenOut = (kind: 'database' | 'storage', place: string) =>
  failure(
    kind === 'database' ? 'invalid_database' : 'invalid_storage',
    `The ${kind} "${place}" begins with "~", which nobody has replaced by the home folder. Write the whole path.`,
    400,
  )

/** Of a URL of PostgreSQL that has the form that is expected, but for a sign that ends a part of it too early. */
export const databaseUrlNotUnderstood = (database: string) =>
  failure(
    'invalid_database',
    `The database "${withoutSecrets(database)}" (user and password left out) cannot be read as a URL. Expected postgres://user:password@host/name, with a host and a port that can be; a "/", "@", ":", "#" or "?" in the user or the password is written %2F, %40, %3A, %23 or %3F.`,
    400,
  )

export const databaseNoFile = (database: string, reason: string) =>
  failure('invalid_database', `The database "${database}" cannot be a file: ${reason}. Expected a file for SQLite, which is made where it is not there.`, 400)

const mayNotWrite = 'The user that this process runs as may not write there: let it (chown, chmod), or name another place.'
const onlyRead = 'What it lies on can only be read: mount it so that it can be written, or name another place.'
const noRoom = 'There is no room left there: free some, or name another place.'

/** By the code of the system's error, or by the number of SQLite's, which has one of its own for what it was told by the system. */
const placeAdvice: Readonly<Record<string, string>> = {
  ...{ EACCES: mayNotWrite, EPERM: mayNotWrite, EROFS: onlyRead, ENOSPC: noRoom, EDQUOT: noRoom },
  ...{ 8: onlyRead, 13: noRoom },
  14: 'It, or a file beside it, can be neither opened nor made: look whether the user that this process runs as may write in its folder, or name another place.',
}

const adviceOf = (error: unknown): string | undefined => {
  const { code, errcode } = error as { code?: string; errcode?: number }
  return placeAdvice[errcode === undefined ? String(code) : errcode & 0xff]
}

export const sqliteUnusable = (database: string, error: unknown) =>
  failure(
    'database_unreachable',
    `The database ${database} cannot be used: ${reasonOf(error)}. ${adviceOf(error) ?? 'Name a file of SQLite, or one that is not there, which is made.'}`,
  )

const lacksRights = 'Its user lacks a right there: GRANT USAGE, CREATE ON SCHEMA public TO that user, or give it a database that it owns.'

/** By the code of an error of PostgreSQL's: a server that says anything is running. */
const databaseAdvice: Readonly<Record<string, string>> = {
  // insufficient_privilege; and invalid_schema_name, where no schema of the search path is one that its user may use.
  '42501': lacksRights,
  '3F000': lacksRights,
  '3D000': 'Make it first; Weft makes none.',
}

export const databaseUnreachable = (database: string, error: unknown) =>
  failure(
    'database_unreachable',
    `The database ${withoutSecrets(database)} cannot be used: ${reasonOf(error)}. ${databaseAdvice[String((error as { code?: string }).code)] ?? 'Is it running, and are its address, user and password right?'}`,
  )

/** Of an outage, the log needs the words alone: as many traces as there are requests would bury them. */
const outage = (code: string, message: string) => Object.assign(failure(code, message, 503), { stack: '' })

/** Of a database that was there at the start. @param error why there was no answer */
export const databaseAway = (error: unknown) => outage('database_unavailable', `The database does not answer: ${reasonOf(error)}. Try again shortly.`)

export const databaseBusy = (ms: number) =>
  outage('database_busy', `Another process has had the database's file locked for ${ms / 1000} s. Try again shortly; if it stays so, end what has it open.`)

export const databaseInUse = (database: string) =>
  failure(
    'database_in_use',
    `Another process, a weft serve or a weft move, works with the database ${withoutSecrets(database)}. One at a time hosts its jobs and batches: stop that one, or name another database.`,
  )

export const databaseNewer = (database: string, unknown: readonly string[]) =>
  failure(
    'database_newer',
    `The database ${withoutSecrets(database)} has migrations that this version of Weft does not know (${unknown.join(', ')}). Start the version that made them, or a newer one.`,
  )

export const databaseForeign = (database: string, table: string) =>
  failure('database_foreign', `The database ${withoutSecrets(database)} has a table "${table}" that Weft did not make. Give it a database of its own.`, 400)

export const databaseOfD1 = (database: string) =>
  failure(
    'database_foreign',
    `The database ${database} is one of npm start, or of D1, and nothing else serves or moves it. Name another, and publish there again what is to be served.`,
    400,
  )

export const migrationFailed = (name: string, error: unknown) =>
  failure('migrations_failed', `The migration ${name} cannot be applied: ${reasonOf(error)}. Nothing of it was kept.`)

/** @param place a database or a storage */
export const nothingToMove = (place: string) =>
  failure('nothing_to_move', `${withoutSecrets(place)} is not there, or was never served: there is nothing to move.`, 400)

export const movedOntoItself = (place: string) =>
  failure('nothing_to_move', `${withoutSecrets(place)} is to be moved to where it is, or one of the two lies in the other. Name another place.`, 400)

export const databaseNotEmpty = (database: string, table: string) =>
  failure(
    'database_not_empty',
    `The database ${withoutSecrets(database)} has rows already, in "${table}". Name one that is not there yet, or one without tables: nothing is mixed, and nothing is overwritten.`,
    400,
  )

/** @param to without secrets */
export const databaseMoved = (database: string, to: string) =>
  failure(
    'database_moved',
    `The database ${withoutSecrets(database)} was moved to ${to}. Name that one. To go back to this one as it was then, and give up what was written since, delete the row "moved_to" of its table "settings".`,
    400,
  )

/** @param from without secrets */
export const databaseHalfMoved = (database: string, from: string) =>
  failure(
    'database_half_moved',
    `The database ${withoutSecrets(database)} was being filled from ${from}, and that broke off: it lacks rows. Remove it, and move ${from} again, which is as it was.`,
    400,
  )

export const moveFailed = (database: string, table: string, error: unknown) =>
  failure(
    'move_failed',
    `The database ${withoutSecrets(database)} did not take rows of "${table}": ${reasonOf(error)}. Nothing of the other one was changed. Remove this one before it is tried again.`,
    500,
    error,
  )

export const moveIncomplete = (database: string, table: string) =>
  moveFailed(database, table, new Error('it has another number of them than the one that is moved'))

/** @param what is there: a key, or the mark */
export const storageNotEmpty = (storage: string, what: string) =>
  failure(
    'storage_not_empty',
    `The storage ${storage} has something that is not of the one that is moved: ${what}. Name one in which nothing is: nothing is mixed, and nothing is overwritten.`,
    400,
  )

export const objectsNotMoved = (storage: string, failed: readonly { key: string; reason: string }[]) => {
  const shown = failed.slice(0, 3).map(({ key, reason }) => `${key} (${reason})`)
  const others = failed.length > shown.length ? `, and ${failed.length - shown.length} more` : ''
  return failure(
    'objects_not_moved',
    `${failed.length} of the objects could not be brought to ${storage}: ${shown.join(', ')}${others}. The others are there; asked again, the move goes on with these.`,
  )
}

export const storageNotUnderstood = (storage: string) =>
  failure(
    'invalid_storage',
    `The storage "${storage}" is none that is known. Expected a folder (one whose name has a colon begins with ./), a file:///path, or s3://bucket/prefix, where a bucket's name has 3 to 63 small letters, digits, dots and dashes.`,
    400,
  )

export const storageNoFolder = (storage: string) =>
  failure('invalid_storage', `The storage "${storage}" is a file. Expected a folder, which is made where it is not there, or s3://bucket/prefix.`, 400)

export const storageNotWritable = (storage: string, error: unknown) =>
  failure('storage_not_writable', `The storage ${storage} cannot be written: ${reasonOf(error)}. ${adviceOf(error) ?? ''}`.trimEnd())

/**
 * @param from without secrets
 * @param mark where the storage says so
 */
export const storageHalfMoved = (storage: string, from: string, mark: string) =>
  failure(
    'storage_half_moved',
    `The storage ${storage} was being filled from ${from}, and that broke off: it lacks files. Move that one again, which goes on where it ended, or name it as the storage: it is as it was. To do without what is lacking, remove ${mark}.`,
    400,
  )

const anotherDatabase = (storage: string, database: string, why: string, rescue: string) =>
  failure(
    'storage_of_another_database',
    `The storage ${storage} belongs to another database than ${withoutSecrets(database)}: ${why}. Its files have no rows here, so garbage collection would delete them. Name the database of their deployment, or a storage in which nothing is.${rescue}`,
    400,
  )

/** @param mark where the storage says whose it is */
export const storageMarkedByAnother = (storage: string, database: string, mark: string) =>
  anotherDatabase(storage, database, `${mark} names it`, ` Where that database is gone, and this one is to have its files, remove ${mark}.`)

export const storageMarkedBeforeNew = (storage: string, database: string, mark: string) =>
  anotherDatabase(storage, database, `this one is new, and ${mark} names the other`, ` Where that database is gone, remove ${mark} and the files beside it.`)

export const storageFilledBeforeNew = (storage: string, database: string) =>
  anotherDatabase(storage, database, 'this one is new, and files are there already', '')

export const bucketMissing = (bucket: string, endpoint: string) =>
  failure('bucket_missing', `There is no bucket "${bucket}" at ${endpoint}. Make it first; Weft makes none.`)

export const s3Variable = (name: string) => failure('s3_not_configured', `A storage s3://… needs the variable ${name}.`, 400)

export const s3VariableWrong = (name: string, value: string) =>
  failure(
    's3_not_configured',
    `${name} is "${withoutSecrets(value)}". Expected the address of a server that speaks S3, such as https://s3.example.com:9000.`,
    400,
  )

/** @param error why there was no answer */
export const s3Unreachable = (endpoint: string, error: unknown) =>
  failure('storage_unavailable', `The storage at ${withoutSecrets(endpoint)} does not answer: ${reasonOf(error)}. Try again shortly.`, 503, error)

export const s3Failed = (what: string, status: number, body: string) => {
  const said = /<Message>([^<]*)<\/Message>/.exec(body)?.[1] ?? /<Code>([^<]*)<\/Code>/.exec(body)?.[1]
  // What is wrong over there may be right again soon.
  return failure('s3_failed', `S3 answers ${what} with ${status}${said ? `: ${said}` : ''}.`, status >= 500 || status === 429 ? 503 : 500)
}

/** @param option by which the port was chosen */
export const portTaken = (host: string, port: number, option: string) =>
  failure('port_taken', `Port ${port} of ${host} is taken. Another one is chosen with ${option}.`)

export const cannotListen = (host: string, port: number, error: unknown) => failure('cannot_listen', `Cannot listen on ${host}:${port}: ${reasonOf(error)}.`)

export const runnersNamedTwice = (other: string) =>
  failure('runners_named_twice', `The variable RUNNERS names the runners, and so does ${other}. Leave one of them out.`, 400)

/** @param reason what the configuration's check says, which calls it `runners` */
export const runnersVariableWrong = (reason: string) =>
  failure('runners_config_invalid', `The variable RUNNERS is wrong: ${reason.replace(/^runners\b/, 'RUNNERS')}.`, 400)

export const localKeyNeedsLoopback = (host: string) =>
  failure('local_key_elsewhere', `LOCAL_KEY is good on loopback only, and --host is ${host}. Set API_KEY_SHA256 instead.`, 400)

export const trainerNotThere = (executor: string, python: string) =>
  failure(
    'trainer_not_installed',
    `The executor "${executor}" has no trainer: ${python} finds no module weft_peft. Install it for that Python (pip install ./gpu-runner/peft), or name another in executors.${executor}.python.`,
  )

export const pythonNotStarted = (executor: string, python: string, error: unknown) =>
  failure(
    'python_not_started',
    `The executor "${executor}" cannot start "${python}": ${reasonOf(error)}. Name a Python that is there in executors.${executor}.python, with gpu-runner/peft installed.`,
  )
