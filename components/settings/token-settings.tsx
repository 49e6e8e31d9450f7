'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { TokenRow } from '../../core/wire/auth.ts';
import { accountKeys, revokeToken, tokensQuery } from '../api/account-queries.ts';
import { describeError } from '../api/api-error.ts';
import { QueryPanel } from '../api/query-panel.tsx';
import { Button } from '../ui/button.tsx';
import { Tag } from '../ui/chip.tsx';
import { DialogBox } from '../ui/dialog.tsx';
import { dateTimeUtc, duration } from '../ui/format.ts';
import { EmptyState, FormError } from '../ui/message.tsx';
import { CreateTokenDialog } from './create-token-dialog.tsx';
import { ROLE_LABEL, TOKEN_KIND_LABEL } from './role-words.ts';

export function TokenSettings() {
  const query = useQuery(tokensQuery());
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<TokenRow | undefined>(undefined);
  return (
    <>
      <QueryPanel
        title="Tokens"
        detail={query.data?.filter((token) => token.revokedAt === null).length}
        what="tokens"
        need="administrator"
        query={query}
        className="scroll-x"
        aside={
          <Button small look="primary" onClick={() => setCreating(true)}>
            Create token
          </Button>
        }
      >
        {(tokens) =>
          tokens.length === 0 ? (
            <EmptyState>No token exists. Agents need one of kind Agent to send what they see.</EmptyState>
          ) : (
            <TokenTable tokens={tokens} onRevoke={setRevoking} />
          )
        }
      </QueryPanel>
      <CreateTokenDialog open={creating} onClose={() => setCreating(false)} />
      {revoking ? <RevokeDialog token={revoking} onClose={() => setRevoking(undefined)} /> : null}
    </>
  );
}

function TokenTable({
  tokens,
  onRevoke,
}: {
  readonly tokens: readonly TokenRow[];
  readonly onRevoke: (token: TokenRow) => void;
}) {
  return (
    <table className="cards">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Kind</th>
          <th scope="col">Begins with</th>
          <th scope="col">Created, UTC</th>
          <th scope="col">Last used</th>
          <th scope="col">
            <span className="vh">Action</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {tokens.map((token) => (
          <tr key={token.id}>
            <td data-label="Name">
              <b className="nm">{token.name}</b> {token.revokedAt === null ? null : <Tag>revoked</Tag>}
            </td>
            <td data-label="Kind">
              {TOKEN_KIND_LABEL[token.kind]}
              {token.role === null ? null : <span className="muted"> {ROLE_LABEL[token.role]}</span>}
            </td>
            <td data-label="Begins with">
              <code>{token.prefix}</code>
            </td>
            <td data-label="Created, UTC" className="num">
              {dateTimeUtc(token.createdAt).slice(0, 16)}
            </td>
            <td data-label="Last used" className="num">
              {token.lastUsedAt === null
                ? 'never'
                : `${duration(Date.now() - Date.parse(token.lastUsedAt))} ago`}
            </td>
            <td className="r">
              {token.revokedAt === null ? (
                <Button small onClick={() => onRevoke(token)}>
                  Revoke…<span className="vh"> {token.name}</span>
                </Button>
              ) : null}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function RevokeDialog({ token, onClose }: { readonly token: TokenRow; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => revokeToken(token.id),
    onSuccess: () => {
      onClose();
      return queries.invalidateQueries({ queryKey: accountKeys.tokens });
    },
  });
  return (
    <DialogBox
      title={`Revoke ${token.name}`}
      description="Whoever uses this token is refused from the next request on. This cannot be undone; a new token has a new secret."
      open
      onClose={onClose}
      footer={
        <>
          <span className="grow" />
          <Button onClick={onClose}>Cancel</Button>
          <Button look="danger" disabled={revoke.isPending} onClick={() => revoke.mutate()}>
            Revoke token
          </Button>
        </>
      }
    >
      {revoke.error ? (
        <div className="fields roomy">
          <FormError {...describeError(revoke.error)} />
        </div>
      ) : null}
    </DialogBox>
  );
}
