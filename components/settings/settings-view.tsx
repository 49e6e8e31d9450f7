'use client';

import { useQuery } from '@tanstack/react-query';
import { meQuery } from '../api/account-queries.ts';
import { useUrlParams } from '../shell/url-params.ts';
import { Tabs } from '../ui/tabs.tsx';
import { AccountSettings } from './account-settings.tsx';
import { TokenSettings } from './token-settings.tsx';
import { UserSettings } from './user-settings.tsx';

const TABS = [
  { value: 'account', label: 'Account' },
  { value: 'users', label: 'Users' },
  { value: 'tokens', label: 'Tokens' },
] as const;

/** Own account for everybody; users and tokens for administrators. */
export function SettingsView() {
  const { params, update } = useUrlParams();
  const admin = useQuery(meQuery()).data?.user.role === 'admin';
  const tabs = admin ? TABS : TABS.slice(0, 1);
  const tab = tabs.find((candidate) => candidate.value === params.get('tab'))?.value ?? 'account';
  return (
    <Tabs
      label="Settings"
      tabs={tabs}
      value={tab}
      onChange={(next) => update({ tab: next === 'account' ? null : next })}
    >
      {tab === 'users' ? <UserSettings /> : tab === 'tokens' ? <TokenSettings /> : <AccountSettings />}
    </Tabs>
  );
}
