package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/store"
	"patchbay/internal/testkit/storekit"
)

func TestServers(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada, bob := makeUser(t, s, "ada"), makeUser(t, s, "bob")
		before, err := s.ServersVersion(ctx)
		require.NoError(t, err)
		notes := &store.Server{Name: "notes", Author: ada.ID, Sealed: "v1.k.x", KeyID: "k", CreatedAt: at, UpdatedAt: at}
		require.NoError(t, s.CreateServer(ctx, notes))
		wantCode(t, s.CreateServer(ctx, &store.Server{Name: "notes", Author: bob.ID, Sealed: "y", KeyID: "k"}), patchbay.CodeConflict)
		wantCode(t, s.CreateServer(ctx, &store.Server{Name: "other", Author: "nobody", Sealed: "y", KeyID: "k"}), patchbay.CodeNotFound)
		after, err := s.ServersVersion(ctx)
		require.NoError(t, err)
		require.Greater(t, after, before, "other processes read again")

		grants := []patchbay.Grant{
			{Grantee: patchbay.Grantee{Kind: patchbay.GranteeEveryone}, Permissions: patchbay.PermView},
			{Grantee: patchbay.Grantee{Kind: patchbay.GranteeUser, Name: string(bob.ID)}, Permissions: patchbay.PermView | patchbay.PermUse},
		}
		require.NoError(t, s.PutServerGrants(ctx, notes.ID, grants))
		wantCode(t, s.PutServerGrants(ctx, "none", grants), patchbay.CodeNotFound)
		all, err := s.Servers(ctx)
		require.NoError(t, err)
		require.Len(t, all, 1)
		require.Equal(t, grants, all[0].Grants)
		require.Equal(t, at, all[0].CreatedAt)

		// Of edits of the same version, one wins.
		errs := together(6, func(int) error {
			mine := *notes
			mine.Sealed = "v1.k.z"
			return s.SaveServer(ctx, &mine, false)
		})
		require.Len(t, failures(errs), 5)
		for _, err := range failures(errs) {
			wantCode(t, err, patchbay.CodeStale)
		}
		got, err := s.Server(ctx, notes.ID)
		require.NoError(t, err)
		require.EqualValues(t, 2, got.Version)
		require.Equal(t, "v1.k.z", got.Sealed)

		others, err := s.ServersNotUnder(ctx, "new", nil, 10)
		require.NoError(t, err)
		require.Len(t, others, 1)
		others[0].Sealed, others[0].KeyID = "v1.new.z", "new"
		require.NoError(t, s.ReplaceSealedServer(ctx, others[0], "v1.k.z"))
		others, err = s.ServersNotUnder(ctx, "new", nil, 10)
		require.NoError(t, err)
		require.Empty(t, others)

		require.NoError(t, s.DeleteServer(ctx, notes.ID))
		wantCode(t, s.DeleteServer(ctx, notes.ID), patchbay.CodeNotFound)
	})
}

func TestServersGoWithTheirAuthor(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada, bob := makeUser(t, s, "ada"), makeUser(t, s, "bob")
		for name, u := range map[string]*patchbay.User{"of-ada": ada, "of-bob": bob} {
			require.NoError(t, s.CreateServer(ctx, &store.Server{Name: name, Author: u.ID, Sealed: "x", KeyID: "k"}))
		}
		before, err := s.ServersVersion(ctx)
		require.NoError(t, err)
		require.NoError(t, s.DeleteUser(ctx, ada.ID))
		all, err := s.Servers(ctx)
		require.NoError(t, err)
		require.Len(t, all, 1)
		require.Equal(t, "of-bob", all[0].Name)
		after, err := s.ServersVersion(ctx)
		require.NoError(t, err)
		require.Greater(t, after, before)
	})
}

func TestGroups(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada, bob := makeUser(t, s, "ada"), makeUser(t, s, "bob")
		team := &store.Group{Name: "Team", CreatedAt: at}
		require.NoError(t, s.CreateGroup(ctx, team))
		wantCode(t, s.CreateGroup(ctx, &store.Group{Name: "Team"}), patchbay.CodeConflict)
		other := &store.Group{Name: "Other", CreatedAt: at}
		require.NoError(t, s.CreateGroup(ctx, other))
		wantCode(t, s.RenameGroup(ctx, other.ID, "Team"), patchbay.CodeConflict)
		require.NoError(t, s.RenameGroup(ctx, other.ID, "Another"))

		require.NoError(t, s.AddMember(ctx, team.ID, ada.ID))
		require.NoError(t, s.AddMember(ctx, team.ID, ada.ID), "twice is once")
		require.NoError(t, s.AddMember(ctx, team.ID, bob.ID))
		wantCode(t, s.AddMember(ctx, team.ID, "nobody"), patchbay.CodeNotFound)
		wantCode(t, s.AddMember(ctx, "none", ada.ID), patchbay.CodeNotFound)
		groups, err := s.Groups(ctx)
		require.NoError(t, err)
		require.Equal(t, "Another", groups[0].Name)
		require.Equal(t, 2, groups[1].Members)

		members, err := s.Members(ctx, team.ID, "", 1)
		require.NoError(t, err)
		require.Len(t, members, 1)
		rest, err := s.Members(ctx, team.ID, members[0].ID, 10)
		require.NoError(t, err)
		require.Len(t, rest, 1)
		require.NotEqual(t, members[0].ID, rest[0].ID)

		require.NoError(t, s.RemoveMember(ctx, team.ID, bob.ID))
		wantCode(t, s.RemoveMember(ctx, team.ID, bob.ID), patchbay.CodeNotFound)
		of, err := s.Memberships(ctx)
		require.NoError(t, err)
		require.Equal(t, map[patchbay.UserID][]string{ada.ID: {team.ID}}, of)

		// What a group was granted goes with it.
		server := &store.Server{Name: "notes", Author: bob.ID, Sealed: "x", KeyID: "k"}
		require.NoError(t, s.CreateServer(ctx, server))
		require.NoError(t, s.PutServerGrants(ctx, server.ID, []patchbay.Grant{{
			Grantee: patchbay.Grantee{Kind: patchbay.GranteeGroup, Name: team.ID}, Permissions: patchbay.PermView,
		}}))
		require.NoError(t, s.DeleteGroup(ctx, team.ID))
		got, err := s.Server(ctx, server.ID)
		require.NoError(t, err)
		require.Empty(t, got.Grants)
		of, err = s.Memberships(ctx)
		require.NoError(t, err)
		require.Empty(t, of)
	})
}
