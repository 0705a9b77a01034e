package agent_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/agent"
)

func TestInstructions(t *testing.T) {
	list := []agent.Tool{
		{Server: "1", Name: "my server", Tool: &patchbay.Tool{Name: "a"}},
		{Server: "2", Name: "silent", Tool: &patchbay.Tool{Name: "a"}},
	}
	m := &script{answers: []answer{{parts: []patchbay.Part{words("x")}}}}
	in := start(agent.NewCatalogue(list, []agent.Instructions{{"my server", "Use *it*.\n"}, {"silent", " \n"}, {"not offered", "No."}}))
	in.Instructions = "You are kind."
	out := advance(t, newLoop(t, m, agent.Options{}), agent.State{}, in)
	want := "You are kind.\n\n# MCP Server Instructions\n\nThese servers say how their tools are meant to be used:\n" +
		"\n## my server MCP Server Instructions\n\nUse *it*.\n\n\nKeep to these instructions when you use the tools of these servers."
	require.Equal(t, want, m.asked[0].Instructions)
	require.Equal(t, want, out.Events[0].Instructions)
	require.Len(t, out.Events[0].Offered, 2)

	require.Empty(t, agent.NewCatalogue(nil, []agent.Instructions{{"my server", "text"}}).Offers())
}

func TestCatalogueNames(t *testing.T) {
	list := []agent.Tool{
		{Server: "1", Name: "grüße", Tool: &patchbay.Tool{Name: "send.it"}},
		{Server: "2", Name: "b", Tool: &patchbay.Tool{Name: "z"}},
		{Server: "3", Name: "b", Tool: &patchbay.Tool{Name: "z"}},
	}
	c := agent.NewCatalogue(list, nil)
	require.Len(t, c.Offers(), 2, "one key, one tool")
	for _, o := range c.Offers() {
		require.Regexp(t, `^[A-Za-z_][A-Za-z0-9_-]{0,63}$`, o.Name)
		require.Equal(t, o.Ref, c.Find(o.Name).Ref)
	}
	require.Nil(t, c.Find("made_up"))
	require.Nil(t, (*agent.Catalogue)(nil).Find("x"))
}
