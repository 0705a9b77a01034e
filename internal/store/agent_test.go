package store_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/store"
	"patchbay/internal/testkit/storekit"
)

func TestAgents(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada, bob := makeUser(t, s, "ada"), makeUser(t, s, "bob")
		temperature := 0.5
		a := &patchbay.Agent{
			Owner: ada.ID, Name: "50%_Rain", Description: "d", Instructions: "Be \x00 brief", Provider: "openai", Model: "m", Icon: "i",
			Params: patchbay.ModelParams{Temperature: &temperature, Add: map[string]json.RawMessage{"n": json.RawMessage("9007199254740993")}},
			Tools:  []patchbay.AgentTools{{Server: "a", All: true}, {Server: "b", Tools: []string{"x", "y"}}}, Starters: []string{"Hi"}, CreatedAt: at,
		}
		require.NoError(t, s.CreateAgent(ctx, a))
		want := *a
		want.Instructions = "Be \uFFFD brief"
		got, err := s.Agent(ctx, a.ID)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(&want, got))

		a.Name, a.Owner = "Sun", bob.ID
		require.NoError(t, s.SaveAgent(ctx, a, 1))
		require.Equal(t, 2, a.Version)
		wantCode(t, s.SaveAgent(ctx, a, 1), patchbay.CodeStale)
		errs := together(5, func(int) error { b := *a; return s.SaveAgent(ctx, &b, 2) })
		require.Len(t, failures(errs), 4)
		for _, err := range failures(errs) {
			wantCode(t, err, patchbay.CodeStale)
		}
		versions, next, err := s.AgentVersions(ctx, a.ID, 0, 2)
		require.NoError(t, err)
		require.Equal(t, []int{3, 2}, []int{versions[0].Version, versions[1].Version})
		require.Equal(t, 2, next)
		require.Equal(t, ada.ID, versions[0].Owner, "an agent does not change hands")
		versions, next, err = s.AgentVersions(ctx, a.ID, next, 2)
		require.NoError(t, err)
		require.Zero(t, next)
		require.Empty(t, cmp.Diff([]*patchbay.Agent{&want}, versions))
		first, err := s.AgentVersion(ctx, a.ID, 1)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(&want, first))
		_, err = s.AgentVersion(ctx, a.ID, 9)
		wantCode(t, err, patchbay.CodeNotFound)

		for v := 3; v < 203; v++ {
			require.NoError(t, s.SaveAgent(ctx, a, v))
		}
		_, err = s.AgentVersion(ctx, a.ID, 3)
		wantCode(t, err, patchbay.CodeNotFound)
		_, err = s.AgentVersion(ctx, a.ID, 4)
		require.NoError(t, err, "200 are kept")
		wantCode(t, s.SaveAgent(ctx, &patchbay.Agent{ID: "none"}, 1), patchbay.CodeNotFound)
		wantCode(t, s.CreateAgent(ctx, &patchbay.Agent{Owner: "nobody"}), patchbay.CodeNotFound)
		require.NoError(t, s.DeleteAgent(ctx, a.ID))
		wantCode(t, s.DeleteAgent(ctx, a.ID), patchbay.CodeNotFound)
		_, err = s.AgentVersion(ctx, a.ID, 4)
		wantCode(t, err, patchbay.CodeNotFound)
	})
}

func TestAgentLists(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada, bob := makeUser(t, s, "ada"), makeUser(t, s, "bob")
		var ids []patchbay.AgentID
		for _, name := range []string{"Rain 50%", "Sun_", "Wind"} {
			a := &patchbay.Agent{Owner: ada.ID, Name: name, CreatedAt: at}
			require.NoError(t, s.CreateAgent(ctx, a))
			ids = append(ids, a.ID)
		}
		list := func(f store.AgentFilter) (names []string) {
			t.Helper()
			found, _, err := s.Agents(ctx, f)
			require.NoError(t, err)
			for _, a := range found {
				names = append(names, a.Name)
			}
			return names
		}
		require.Equal(t, []string{"Wind", "Sun_", "Rain 50%"}, list(store.AgentFilter{Owner: ada.ID}))
		require.Empty(t, list(store.AgentFilter{Owner: bob.ID}))
		require.Empty(t, list(store.AgentFilter{}))
		require.Equal(t, []string{"Rain 50%"}, list(store.AgentFilter{Owner: ada.ID, Search: "%"}))
		require.Equal(t, []string{"Sun_"}, list(store.AgentFilter{Owner: ada.ID, Search: "UN_"}))
		page, next, err := s.Agents(ctx, store.AgentFilter{Owner: ada.ID, Limit: 2})
		require.NoError(t, err)
		require.Len(t, page, 2)
		require.Equal(t, []string{"Rain 50%"}, list(store.AgentFilter{Owner: ada.ID, After: next}))

		toBob := patchbay.Grantee{Kind: patchbay.GranteeUser, Name: string(bob.ID)}
		everyone := patchbay.Grantee{Kind: patchbay.GranteeEveryone}
		require.NoError(t, s.PutGrants(ctx, store.GrantAgent, string(ids[0]), []patchbay.Grant{
			{Grantee: toBob, Permissions: patchbay.PermView}, {Grantee: toBob, Permissions: patchbay.PermUse}, {Grantee: everyone},
		}))
		grants, err := s.Grants(ctx, store.GrantAgent, string(ids[0]))
		require.NoError(t, err)
		require.Equal(t, []patchbay.Grant{{Grantee: toBob, Permissions: patchbay.PermView | patchbay.PermUse}}, grants)
		require.Equal(t, []string{"Rain 50%"}, list(store.AgentFilter{Owner: bob.ID, Grantees: []patchbay.Grantee{toBob, everyone}}))
		require.Empty(t, list(store.AgentFilter{Owner: bob.ID, Grantees: []patchbay.Grantee{toBob}, Search: "sun"}), "a search stays within what is granted")
		require.NoError(t, s.SetRole(ctx, ada.ID, patchbay.RoleAdmin, at))
		require.NoError(t, s.DeleteUser(ctx, bob.ID))
		grants, err = s.Grants(ctx, store.GrantAgent, string(ids[0]))
		require.NoError(t, err)
		require.Empty(t, grants)
	})
}

func TestApprovals(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada, bob := makeUser(t, s, "ada"), makeUser(t, s, "bob")
		one, two := begin(t, s, ada.ID, "x"), begin(t, s, ada.ID, "y")
		put := func(tool string, c patchbay.ConversationID, hash string) *patchbay.Approval {
			t.Helper()
			p := &patchbay.Approval{User: ada.ID, Server: "yaml/a", ServerName: "a", Tool: tool, Conversation: c, Hash: hash, CreatedAt: at}
			require.NoError(t, s.PutApproval(ctx, p))
			return p
		}
		always, here := put("t", "", "h1"), put("t", one.Run.Conversation, "h1")
		put("t", two.Run.Conversation, "h1")
		again := put("t", "", "h2")
		require.Equal(t, always.ID, again.ID)
		wantCode(t, s.PutApproval(ctx, &patchbay.Approval{User: bob.ID, Tool: "t", Conversation: one.Run.Conversation}), patchbay.CodeNotFound)
		list, err := s.ApprovalsFor(ctx, ada.ID, one.Run.Conversation)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff([]*patchbay.Approval{again, here}, list))
		list, err = s.ApprovalsFor(ctx, bob.ID, one.Run.Conversation)
		require.NoError(t, err)
		require.Empty(t, list)
		page, next, err := s.Approvals(ctx, ada.ID, "", 2)
		require.NoError(t, err)
		require.Len(t, page, 2)
		page, next, err = s.Approvals(ctx, ada.ID, next, 2)
		require.NoError(t, err)
		require.Len(t, page, 1)
		require.Empty(t, next)
		wantCode(t, s.DeleteApproval(ctx, bob.ID, here.ID), patchbay.CodeNotFound)
		require.NoError(t, s.DeleteConversation(ctx, ada.ID, one.Run.Conversation))
		wantCode(t, s.DeleteApproval(ctx, ada.ID, here.ID), patchbay.CodeNotFound)
		require.NoError(t, s.DeleteApproval(ctx, ada.ID, always.ID))
	})
}

func TestAttachments(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada, bob := makeUser(t, s, "ada"), makeUser(t, s, "bob")
		data := bytes.Repeat([]byte{0, 0xff, '\'', '?', '\\'}, 500_000)
		a := &patchbay.Attachment{User: ada.ID, Name: "a.bin", MIMEType: "image/png", Text: "text", CreatedAt: at}
		require.NoError(t, s.PutAttachment(ctx, a, data))
		got, err := s.Attachment(ctx, ada.ID, a.ID)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(a, got))
		back, err := s.AttachmentData(ctx, ada.ID, a.ID)
		require.NoError(t, err)
		require.True(t, bytes.Equal(data, back))
		_, err = s.AttachmentData(ctx, bob.ID, a.ID)
		wantCode(t, err, patchbay.CodeNotFound)
		wantCode(t, s.DeleteAttachment(ctx, bob.ID, a.ID), patchbay.CodeNotFound)

		n := begin(t, s, ada.ID, "x")
		end(t, s, n.Run)
		with := func(user patchbay.UserID, ids ...string) (store.RunStart, error) {
			n := store.RunStart{
				Conversation: &patchbay.Conversation{CreatedAt: at}, Question: &patchbay.Entry{CreatedAt: at}, Answer: &patchbay.Entry{CreatedAt: at},
				Run: &patchbay.Run{User: user, Owner: me, CreatedAt: at}, Attachments: ids,
			}
			return n, s.StartRun(ctx, n)
		}
		_, err = with(bob.ID, a.ID)
		wantCode(t, err, patchbay.CodeNotFound)
		m, err := with(ada.ID, a.ID, a.ID)
		require.NoError(t, err)
		_, err = with(ada.ID, a.ID)
		wantCode(t, err, patchbay.CodeNotFound)
		got, err = s.Attachment(ctx, ada.ID, a.ID)
		require.NoError(t, err)
		require.Equal(t, m.Run.Conversation, got.Conversation)
		require.NoError(t, s.DeleteConversation(ctx, ada.ID, m.Run.Conversation))
		_, err = s.Attachment(ctx, ada.ID, a.ID)
		wantCode(t, err, patchbay.CodeNotFound)

		wantCode(t, s.PutAttachment(ctx, &patchbay.Attachment{User: ada.ID}, make([]byte, store.MaxAttachment+1)), patchbay.CodeTooLarge)
		wantCode(t, s.PutAttachment(ctx, &patchbay.Attachment{User: "nobody"}, nil), patchbay.CodeNotFound)
		require.NoError(t, s.Exec(ctx, fmt.Sprintf("INSERT INTO attachments VALUES ('big', '%s', '', 'n', 'm', %d, 0, '')", ada.ID, store.AttachmentQuota-10)))
		errs := together(4, func(int) error {
			return s.PutAttachment(ctx, &patchbay.Attachment{User: ada.ID, CreatedAt: at}, make([]byte, 6))
		})
		require.Len(t, failures(errs), 3, "the last room is given once")
		for _, err := range failures(errs) {
			wantCode(t, err, patchbay.CodeTooLarge)
		}
		used, err := s.AttachmentBytes(ctx, ada.ID)
		require.NoError(t, err)
		require.Equal(t, int64(store.AttachmentQuota-4), used)
		require.NoError(t, s.PutAttachment(ctx, &patchbay.Attachment{User: bob.ID, CreatedAt: at}, make([]byte, 100)), "bob has room of his own")
	})
}
