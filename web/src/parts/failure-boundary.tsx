import { RotateCcw } from 'lucide-react';
import { Component, type ReactNode } from 'react';
import { usePath, useSearch } from '../router/router.ts';
import { Action } from './action.tsx';
import css from './panel.module.css';
import { SignalIcon } from './signal.tsx';

interface BoundaryProps {
  /** What can't be shown when it fails: `This page`. */
  readonly what: string;
  readonly children: ReactNode;
}

/** Keeps a failure of what it draws to its place: the rest of the console goes on. */
export function FailureBoundary(props: BoundaryProps) {
  return <Boundary {...props} address={`${usePath()}?${useSearch()}`} />;
}

type Props = BoundaryProps & { readonly address: string };

interface State {
  readonly failure: { readonly message: string } | null;
}

/** A class, as React tells failures of drawing to no function. */
class Boundary extends Component<Props, State> {
  override readonly state: State = { failure: null };

  static getDerivedStateFromError(error: unknown): State {
    return { failure: { message: error instanceof Error ? error.message : String(error) } };
  }

  /** Another address is drawn afresh. */
  override componentDidUpdate(before: Props): void {
    if (this.state.failure !== null && before.address !== this.props.address)
      this.setState({ failure: null });
  }

  override render(): ReactNode {
    const { failure } = this.state;
    if (failure === null) return this.props.children;
    return <Failed what={this.props.what} message={failure.message} />;
  }
}

function Failed({ what, message }: { what: string; message: string }) {
  return (
    <div className={css['notice']} role="alert">
      <SignalIcon signal="critical" size={20} />
      <strong>{what} can’t be shown</strong>
      <p>{message}</p>
      <p className={css['small']}>
        The console failed, not the platform: nothing is lost. Reloading comes back to this address; where it
        fails again, the other pages still work.
      </p>
      <Action icon={<RotateCcw size={14} aria-hidden="true" />} onClick={() => location.reload()}>
        Reload
      </Action>
    </div>
  );
}
