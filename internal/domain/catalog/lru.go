package catalog

import (
	ring "container/list"
	"sync"
)

// lru keeps what was used last. What is put in was read under a state of the catalogue; if the catalogue went on meanwhile, it is not kept, so that
// nothing stale stays. It is safe for concurrent use.
type lru[V any] struct {
	mu    sync.Mutex
	most  int
	state int64
	order *ring.List // of *kept, the newest in front
	at    map[string]*ring.Element
}

type kept[V any] struct {
	key string
	v   V
}

func newLRU[V any](most int) *lru[V] {
	return &lru[V]{most: most, order: ring.New(), at: map[string]*ring.Element{}}
}

func (c *lru[V]) get(key string) (v V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.at[key]
	if !ok {
		return v, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*kept[V]).v, true
}

// put keeps a value that was read under a state.
func (c *lru[V]) put(state int64, key string, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if state != c.state {
		return
	}
	if e, ok := c.at[key]; ok {
		e.Value.(*kept[V]).v = v
		c.order.MoveToFront(e)
		return
	}
	c.at[key] = c.order.PushFront(&kept[V]{key, v})
	if c.order.Len() > c.most {
		last := c.order.Back()
		c.order.Remove(last)
		delete(c.at, last.Value.(*kept[V]).key)
	}
}

// drop forgets keys, nil for all, and goes on to a state.
func (c *lru[V]) drop(state int64, keys []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = state
	if keys == nil {
		c.order.Init()
		clear(c.at)
		return
	}
	for _, k := range keys {
		if e, ok := c.at[k]; ok {
			c.order.Remove(e)
			delete(c.at, k)
		}
	}
}
