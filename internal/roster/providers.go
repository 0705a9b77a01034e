package roster

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"patchbay"
	"patchbay/internal/vault"
)

// Provider is a provider as one actor sees it.
type Provider struct {
	Name    string
	Label   string
	Kind    string
	IconURL string
	Models  []patchbay.ModelInfo // those configured first; the first of all is the default
	Fixed   bool                 // nothing but Models may be chosen
	Tools   *bool                // whether its models take tools; nil: they do

	UserKey      bool      // it needs the person's own key
	KeySet       bool      // the person has given one
	KeyExpiresAt time.Time // the person's own limit; zero: none
	UserURL      bool      // it needs the person's own address

	Unavailable string // why it cannot be used now, a sentence; empty: it can
	Problem     string // why its list of models could not be fetched, a sentence
}

// maxAsking bounds the providers that one call asks at the same time.
const maxAsking = 8

// Providers lists the providers in their order, with their models: configured, or asked
// for and then believed for ten minutes. A provider that does not answer has a Problem.
func (s *Service) Providers(ctx context.Context, a patchbay.Actor) ([]Provider, error) {
	st := s.state.Load()
	flags, err := s.flags(ctx, st, a)
	if err != nil {
		return nil, err
	}
	out := make([]Provider, len(st.providers))
	room := make(chan struct{}, maxAsking)
	var wait sync.WaitGroup
	for i, k := range st.providers {
		out[i] = s.view(k, flags[k.Name])
		if out[i].Unavailable != "" {
			continue
		}
		x, err := s.access(ctx, st, k, a)
		if err != nil {
			if out[i].Unavailable = sentence(err); out[i].Unavailable == "" {
				return nil, err
			}
			continue
		}
		if !k.Fetch {
			continue
		}
		wait.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			s.addListed(ctx, st, x, &out[i])
		})
	}
	wait.Wait()
	return out, ctx.Err()
}

func (s *Service) flags(ctx context.Context, st *state, a patchbay.Actor) (map[string]vault.ModelKeyFlag, error) {
	if a.User == nil || !slices.ContainsFunc(st.providers, func(k *known) bool { return k.KeySource == patchbay.KeyUser }) {
		return nil, nil //nolint:nilnil // a nil map is an empty one
	}
	return s.vault.ModelKeys(ctx, a.User.ID)
}

func (s *Service) view(k *known, flag vault.ModelKeyFlag) Provider {
	p := Provider{
		Name: k.Name, Label: k.DisplayName(), Kind: string(k.Kind), IconURL: k.IconURL,
		Models: slices.Clone(k.Models), Fixed: !k.Fetch, Tools: k.Tools,
		UserKey: k.KeySource == patchbay.KeyUser, UserURL: k.UserURL, Unavailable: k.unavailable,
	}
	if p.UserKey {
		p.KeySet, p.KeyExpiresAt = !flag.UpdatedAt.IsZero() && !flag.Broken, flag.ExpiresAt
	}
	return p
}

// addListed adds the models that the API names.
func (s *Service) addListed(ctx context.Context, st *state, x *access, into *Provider) {
	models, err := s.list(ctx, st, x)
	if err != nil {
		into.Problem = s.whyNoList(x, err)
		return
	}
	have := make(map[string]int, len(into.Models))
	for i, m := range into.Models {
		have[m.ID] = i
	}
	for _, m := range models {
		if i, ok := have[m.ID]; ok {
			into.Models[i] = m // with its display name
			continue
		}
		into.Models = append(into.Models, m)
	}
}

// list returns the models that the API of x names.
func (s *Service) list(ctx context.Context, st *state, x *access) ([]patchbay.ModelInfo, error) {
	return s.lists.get(ctx, x, func(ctx context.Context) ([]patchbay.ModelInfo, error) {
		api, err := st.clients.lister(x)
		if err != nil {
			return nil, err
		}
		models, err := api.List(ctx)
		if err != nil {
			s.log.Info("The list of models could not be fetched", "provider", x.provider.Name, "error", err)
			return nil, err
		}
		return usable(models, x), nil
	})
}

// usable drops what cannot be chosen.
func usable(models []patchbay.ModelInfo, x *access) []patchbay.ModelInfo {
	own := x.provider.Kind == patchbay.ProviderOpenAI && x.url.String() == openAIURL
	out := make([]patchbay.ModelInfo, 0, len(models))
	for _, m := range models {
		if len(out) >= maxModels {
			break
		}
		if validModel(m.ID) && (!own || chats(m.ID)) {
			m.Name = strings.Map(func(r rune) rune {
				if unicode.IsControl(r) {
					return -1
				}
				return r
			}, m.Name)
			out = append(out, m)
		}
	}
	return out
}

// maxModelName bounds the name of a model.
const maxModelName = 256

func validModel(name string) bool {
	return name != "" && len(name) <= maxModelName && !strings.ContainsFunc(name, unicode.IsControl)
}

// chats reports whether a model of OpenAI's own list answers in a chat: the list names
// those for speech, images, search and embeddings too, and says of none what it is for.
func chats(id string) bool {
	for _, other := range []string{"audio", "realtime", "transcribe", "tts", "image", "search", "instruct", "embedding", "moderation"} {
		if strings.Contains(id, other) {
			return false
		}
	}
	if strings.HasPrefix(id, "gpt-") || strings.HasPrefix(id, "chatgpt-") || strings.HasPrefix(id, "ft:gpt-") {
		return true
	}
	return len(id) > 1 && id[0] == 'o' && id[1] >= '0' && id[1] <= '9'
}

// sentence is the text of an error that may be shown; empty for one that may not.
func sentence(err error) string {
	var e *patchbay.Error
	if errors.As(err, &e) {
		return e.Message
	}
	return ""
}

// whyNoList says why there is no list. What an API says of the operator's key is for the
// log.
func (s *Service) whyNoList(x *access, err error) string {
	const lead = "The list of models could not be fetched: "
	var e *patchbay.ModelError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return lead + "the API did not answer in time."
	case !errors.As(err, &e):
		return lead + "the asking was broken off."
	case x.provider.KeySource == patchbay.KeyUser:
		return lead + strings.TrimSuffix(e.Message, ".") + "."
	}
	switch e.Kind {
	case patchbay.ModelAuth:
		return lead + "the API refused the key. An administrator can correct it."
	case patchbay.ModelUnreachable, patchbay.ModelTimeout:
		return lead + "the API cannot be reached."
	case patchbay.ModelNotFound, patchbay.ModelProtocol:
		return lead + "there is none at its address."
	case patchbay.ModelRateLimited, patchbay.ModelOverloaded, patchbay.ModelQuota:
		return lead + "the API has no room now."
	}
	return lead + "the API answered with an error."
}
