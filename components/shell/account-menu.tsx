'use client';

import { useQuery } from '@tanstack/react-query';
import { LogOut, Settings } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { meQuery } from '../api/account-queries.ts';
import { Menu, MenuHeading, MenuItem } from '../ui/menu.tsx';
import { useSignOut } from './use-sign-out.ts';

const ROLE_WORD = { viewer: 'Viewer', responder: 'Responder', admin: 'Administrator' } as const;

export function AccountMenu() {
  const { data } = useQuery(meQuery());
  const router = useRouter();
  const signOut = useSignOut();
  if (!data) return <span className="av" aria-hidden="true" />;
  const { name, email, role } = data.user;
  return (
    <Menu
      align="end"
      trigger={
        <button type="button" className="av" title={`${email} · ${ROLE_WORD[role]}`}>
          {initials(name)}
          <span className="vh"> account of {name}</span>
        </button>
      }
    >
      <MenuHeading>
        {name} · {ROLE_WORD[role]}
        <br />
        {email}
      </MenuHeading>
      <MenuItem icon={<Settings className="i sm" />} onSelect={() => router.push('/settings')}>
        Settings
      </MenuItem>
      <MenuItem icon={<LogOut className="i sm" />} onSelect={signOut}>
        Sign out
      </MenuItem>
    </Menu>
  );
}

function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => word !== '');
  const letters =
    words.length > 1 ? [words[0], words.at(-1)].map((word) => word?.charAt(0)) : [words[0]?.slice(0, 2)];
  return letters.join('').toUpperCase();
}
