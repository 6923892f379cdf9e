import { type CreatedKey, type KeyObject, type Role, roles } from '@weft/protocol'
import { Command, InvalidArgumentError, Option } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { newTenantUnnamed } from '../../errors.ts'
import { eachOnce } from '../../input/names.ts'
import { outputOf, table } from '../../output/output.ts'
import { utc } from '../../output/utc.ts'

const units: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400, w: 604_800 }

/** Seconds of `30d`, `12h`, `2w`, `45m`. */
export const life = (text: string): number => {
  const [, count, unit] = /^([1-9]\d{0,5})([mhdw])$/.exec(text) ?? []
  if (!count || !unit) throw new InvalidArgumentError('expected a time such as 30d, 12h, 2w or 45m.')
  return Number(count) * units[unit]!
}

const scope = (text: string, before: string[] | undefined): string[] => {
  if (!/^(name|route|model)\/\S+$/.test(text)) throw new InvalidArgumentError('expected name/PREFIX, route/NAME or model/NAME, such as name/legal/.')
  return eachOnce(text, before)
}

const stateOf = ({ revokedAt, expiresAt, rotatedTo }: KeyObject): string =>
  revokedAt !== null ? 'revoked' : expiresAt !== null && expiresAt * 1000 <= Date.now() ? 'expired' : rotatedTo !== null ? `until ${utc(expiresAt)}` : 'good'

const listing = (keys: readonly KeyObject[]): string =>
  keys.length === 0
    ? 'No keys were created. "npx weft keys create --role caller" makes one.'
    : table(
        ['key', 'tenant', 'name', 'role', 'scopes', 'state', 'expires', 'last used'],
        keys.map((key) => [key.id, key.tenant, key.name ?? '–', key.role, key.scopes.join(' ') || 'all', stateOf(key), utc(key.expiresAt), utc(key.usedAt)]),
      )

const shown = (key: CreatedKey): string =>
  `${key.secret}\n\nThis is the secret of ${key.id}, for ${key.role === 'admin' ? 'an' : 'a'} ${key.role} of the tenant "${key.tenant}". It is shown this once; keep it now.`

interface CreateOptions extends Connection {
  role: Role
  name?: string
  scope?: string[]
  expires?: number
  newTenant?: boolean
}

/** `weft keys` */
export const keys = (): Command => {
  const command = new Command('keys').description('make, list, rotate and revoke API keys')
  connected(command.command('list', { isDefault: true }))
    .description('keys of the tenant, newest first (the default)')
    .action(async (options: Connection) => {
      const all: KeyObject[] = []
      const { keys } = clientOf(options)
      for (let after: string | undefined; ; ) {
        const { data, hasMore } = await keys.list({ limit: 100, ...(after === undefined ? {} : { after }) })
        all.push(...data)
        after = data.at(-1)?.id
        if (!hasMore || after === undefined) break
      }
      outputOf(options).result(all, () => listing(all))
    })
  connected(command.command('create'))
    .description('make a key; its secret is printed this once')
    .addOption(new Option('--role <role>', 'what it is for').choices([...roles]).makeOptionMandatory())
    .option('--name <text>', 'what to call it')
    .option('--scope <scope>', 'what to limit it to, such as name/legal/, route/orator or model/base; may be given again', scope)
    .option('--expires <time>', 'how long it is good, such as 30d', life)
    .option('--new-tenant', 'begin the tenant that --tenant names with this key')
    .action(async ({ role, name, scope, expires, newTenant, ...options }: CreateOptions) => {
      if (newTenant && options.tenant === undefined) throw newTenantUnnamed()
      // A tenant that does not exist yet cannot be acted on.
      const { tenant, ...anywhere } = options
      const key = await clientOf(newTenant ? anywhere : options).keys.create({
        role,
        ...(newTenant && tenant !== undefined ? { tenant, newTenant } : {}),
        ...(name === undefined ? {} : { name }),
        ...(scope === undefined ? {} : { scopes: scope }),
        ...(expires === undefined ? {} : { expiresIn: expires }),
      })
      outputOf(options).result(key, () => shown(key))
    })
  connected(command.command('rotate'))
    .argument('<id>', 'such as key-k3jx…')
    .description('put a new secret in the place of an old one')
    .option('--grace <time>', 'how long the old one stays good beside it, such as 1d', life)
    .option('--expires <time>', 'how long the new one is good; as long as the old one was made for when absent', life)
    .action(async (id: string, { grace, expires, ...options }: Connection & { grace?: number; expires?: number }) => {
      const key = await clientOf(options).keys.rotate(id, {
        ...(grace === undefined ? {} : { grace }),
        ...(expires === undefined ? {} : { expiresIn: expires }),
      })
      outputOf(options).result(key, () => shown(key))
    })
  connected(command.command('revoke'))
    .argument('<id>', 'such as key-k3jx…')
    .description('take a key out of use, and cancel the jobs and batches that it began')
    .action(async (id: string, options: Connection) => {
      const deleted = await clientOf(options).keys.revoke(id)
      outputOf(options).result(deleted, () => `${id} is revoked.${deleted.cancelled.length > 0 ? ` Cancelled: ${deleted.cancelled.join(', ')}.` : ''}`)
    })
  return command
}
