import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { Moon, Sun } from 'lucide-react';
import css from './shell.module.css';

/**
 * The theme in force (the system's until someone chooses) and the way to turn it; the choice is remembered.
 */
export function useTheme(): { dark: boolean; toggle: () => void } {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light', { getInitialValueInEffect: false }) === 'dark';
  return { dark, toggle: () => setColorScheme(dark ? 'light' : 'dark') };
}

export function ThemeToggle() {
  const { dark, toggle } = useTheme();
  const Icon = dark ? Moon : Sun;
  return (
    <button
      type="button"
      className={css['tool']}
      onClick={toggle}
      aria-pressed={dark}
      aria-label="Dark theme"
      aria-keyshortcuts="T"
      title="Light or dark (T)"
    >
      <Icon size={16} aria-hidden="true" />
    </button>
  );
}
