import { writeFileSync } from 'node:fs'
import { newSigningKey, printSignature, readSigningKey, sha256 } from '@weft/adapters'
import { type SigningKeyObject, timeOfDate } from '@weft/protocol'
import { Command, InvalidArgumentError } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { fileUnwritable, keyFileExists, keyToStdout } from '../../errors.ts'
import { inputFile, inputText } from '../../input/input-file.ts'
import { isStdout, outputOf, table } from '../../output/output.ts'
import { utc } from '../../output/utc.ts'

/** A detached signature over a file's digest, as one word. */
export async function signatureOf(keyFile: string, bytes: Uint8Array): Promise<string> {
  const key = await readSigningKey(inputText(keyFile, 'an Ed25519 private key in PEM'))
  return printSignature(await key.sign(await sha256(bytes)))
}

/** `weft sign` */
export const sign = (): Command =>
  new Command('sign')
    .description('print a signature over an adapter file, for POST /v1/adapters?signature=…; asks nobody')
    .argument('<file>', "an adapter's safetensors file")
    .requiredOption('--key <keyfile>', 'private key in PEM')
    .option('--json', 'print JSON')
    .action(async (file: string, { key, ...options }: { key: string; json?: boolean }) => {
      const bytes = inputFile(file, "an adapter's safetensors file")
      const signature = await signatureOf(key, bytes)
      outputOf(options).result({ signature, digest: await sha256(bytes) }, () => signature)
    })

/** A day, where it is one's beginning, as whoever writes a day means it; a time otherwise. */
const dayOrTime = (seconds: number): string => (seconds % 86_400 === 0 ? new Date(seconds * 1000).toISOString().slice(0, 10) : utc(seconds))

/** Whose word makes a key trusted, beside the tenant's. */
const wordOf = ({ source }: SigningKeyObject): string =>
  source === 'deployment' ? 'this deployment, whose own key it is (SIGNING_KEY)' : "the deployment's configuration"

const listing = (keys: readonly SigningKeyObject[]): string =>
  keys.length === 0
    ? 'No key is trusted. "npx weft sign-keys trust KEY" trusts one.'
    : table(
        ['key', 'name', 'from', 'expires'],
        keys.map(({ id, name, source, expiresAt }) => [id, name ?? '–', source, expiresAt === null ? '–' : dayOrTime(expiresAt)]),
      )

const date = (text: string): number => {
  const milliseconds = timeOfDate(text)
  if (milliseconds === undefined || milliseconds <= 0)
    throw new InvalidArgumentError('expected a date that there is, such as 2027-06-30 (UTC), and one after 1970.')
  return Math.floor(milliseconds / 1000)
}

/** What is trusted now, and what of the same key was before: its name and its end are replaced, also where nothing new is said of them. */
function trusted({ id, name, expiresAt }: SigningKeyObject, before: SigningKeyObject | undefined): string {
  const until = (end: number | null): string => (end === null ? 'without an end' : `until ${dayOrTime(end)}`)
  const isPast = expiresAt !== null && expiresAt * 1000 <= Date.now()
  const now = isPast ? `${id} is trusted for what was published ${until(expiresAt)} alone; nothing is published with it any more` : `${id} is trusted`
  if (!before || (before.name === name && before.expiresAt === expiresAt)) return now
  const called = (as: string | null): string => (as === null ? 'without a name' : `as "${as}"`)
  return `${now}\nIt was trusted already: ${called(before.name)}, ${until(before.expiresAt)}. Now it is ${called(name)}, ${until(expiresAt)}.`
}

/** `weft sign-keys` */
export const signKeys = (): Command => {
  const command = new Command('sign-keys').description('make keys that sign adapters, and say which are trusted')
  command
    .command('new')
    .argument('<keyfile>', 'where the private key goes; nobody else may read it')
    .description('make a key pair; prints the public key')
    .option('--json', 'print JSON')
    .action(async (keyFile: string, options: { json?: boolean }) => {
      if (isStdout(keyFile)) throw keyToStdout()
      const { keyId, pem } = await newSigningKey()
      // Never over a key that is there: what it signed could not be signed again.
      try {
        writeFileSync(keyFile, pem, { mode: 0o600, flag: 'wx' })
      } catch (cause) {
        throw (cause as NodeJS.ErrnoException).code === 'EEXIST' ? keyFileExists(keyFile) : fileUnwritable(keyFile, cause as NodeJS.ErrnoException)
      }
      outputOf(options).result({ id: keyId, file: keyFile }, () => keyId)
    })
  connected(command.command('list', { isDefault: true }))
    .description('keys whose signatures are trusted (the default)')
    .action(async (options: Connection) => {
      const list = await clientOf(options).signingKeys.list()
      outputOf(options).result(list, () => listing(list))
    })
  connected(command.command('trust'))
    .argument('<key>', 'the public key, as "sign-keys new" prints it')
    .description('trust a key; of one that is trusted already, its name and its end are replaced')
    .option('--name <text>', 'whose it is')
    .option('--expires <date>', 'until when adapters may be published with it', date)
    .action(async (id: string, { name, expires, ...options }: Connection & { name?: string; expires?: number }) => {
      const { signingKeys } = clientOf(options)
      const before = (await signingKeys.list()).find((known) => known.id === id && known.source === 'tenant')
      const key = await signingKeys.trust(id, {
        ...(name === undefined ? {} : { name }),
        ...(expires === undefined ? {} : { expiresAt: expires }),
      })
      const besides = (await signingKeys.list()).find((known) => known.id === id && known.source !== 'tenant')
      outputOf(options).result(
        key,
        () => `${trusted(key, before)}${besides && expires !== undefined ? `; it stays trusted without that end by the word of ${wordOf(besides)}` : ''}`,
      )
    })
  connected(command.command('revoke'))
    .argument('<key>')
    .description('trust a key no more')
    .action(async (id: string, options: Connection) => {
      const { signingKeys } = clientOf(options)
      const deleted = await signingKeys.revoke(id)
      const still = (await signingKeys.list()).find((known) => known.id === id)
      outputOf(options).result(deleted, () =>
        still ? `${id} is trusted no more by the tenant's word, and still by that of ${wordOf(still)}` : `${id} is trusted no more`,
      )
    })
  return command
}
