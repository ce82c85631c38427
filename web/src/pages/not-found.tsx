import { Link } from '../router/link.tsx';
import css from './page.module.css';

export function NotFound({ path }: { path: string }) {
  return (
    <div className={css['missing']}>
      <h2>There is no page here</h2>
      <p>
        <code className="mono">{path}</code> does not exist in this console.
      </p>
      <Link href="/overview" className={css['textLink']}>
        To the overview
      </Link>
    </div>
  );
}
