import { Button } from '../controls/button.tsx'
import { pages } from '../pages/index.ts'
import { Link } from '../routing/link.tsx'
import { addressOf, usePlace } from '../routing/location.ts'
import { Outlet } from './outlet.tsx'
import { RunnerStatus } from './runner-status.tsx'
import { ThemeSwitch } from './theme-switch.tsx'

/** What stands around every page: the way past it for keyboards, navigation, the runner's state, colours, sign out. */
export const Shell = ({ onSignOut }: { onSignOut: () => void }) => {
  const { page } = usePlace()
  const current = pages.find(({ path }) => path === page) ?? (page === '' ? pages[0] : undefined)
  return (
    <>
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <header class="top">
        <span class="brand">Weft</span>
        <nav aria-label="Pages">
          <ul>
            {pages.map((each) => (
              <li key={each.path}>
                <Link to={addressOf(each.path)} current={each === current}>
                  {each.title}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <div class="top-tools">
          <RunnerStatus />
          <ThemeSwitch />
          <Button onClick={onSignOut}>Sign out</Button>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {current ? <Outlet page={current} key={current.path} /> : <NoPage name={page} />}
      </main>
    </>
  )
}

const NoPage = ({ name }: { name: string }) => (
  <>
    <h1 tabIndex={-1}>No such page</h1>
    <p>
      There is no page "{name}". <Link to={addressOf(pages[0]!.path)}>Go to the {pages[0]!.title.toLowerCase()}</Link>.
    </p>
  </>
)
