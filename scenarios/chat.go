package scenarios

// Chat is an application in which users act and see at once what others do,
// where the workload is "chat": each logs in, reads, searches and posts, and
// every post is an event for everybody. How events travel is Push's.
type Chat struct {
	// Interval is the pause between a user's actions. Range 1ms to 24h.
	// Default between 2s and 6s.
	Interval DurationDist `json:"interval" range:"1ms..24h"`
	// Posts is the share of the actions that post a message. Range 0 to 1. Default 25%.
	Posts Ratio `json:"posts" range:"0..1"`
	// Message is the size of a posted message, and of the event that tells of
	// it. Range 40 to 1MB. Default 200.
	Message SizeDist `json:"message" range:"40..1MB"`
	// Searches is the share of the actions that search; what is left reads a
	// page of history. Range 0 to 1. Default 15%.
	Searches Ratio `json:"searches" range:"0..1"`
	// Search is how long a server works on a search. Range 0 to 1h. Default 80ms.
	Search DurationDist `json:"search" range:"0..1h"`
	// Results is the size of what a search finds. Range 0 to 10MB. Default 5kB.
	Results SizeDist `json:"results" range:"0..10MB"`
	// Login is how long a server works on a login. Range 0 to 1h. Default 50ms.
	Login DurationDist `json:"login" range:"0..1h"`
	// Pages of history that there are, asked for by Zipf's law (.8). Range 1 to
	// 100000. Default 100.
	Pages int `json:"pages" range:"1..100000"`
	// Page is the size of a page of history, drawn once for each. Range 0 to
	// 10MB. Default 30kB.
	Page SizeDist `json:"page" range:"0..10MB"`
	// Lifetime is how long caches may keep a page of history; 0 for not at
	// all. Range 0 to 24h. Default 10m.
	Lifetime Duration `json:"lifetime" range:"0..24h"`
}

// checkChat checks that the actions are not more than all.
func (s *Scenario) checkChat() *Error {
	if c := s.Chat; c.Posts+c.Searches > 1+1e-9 {
		return problem("chat.posts", "posts and searches are more than all actions", "lower chat.posts or chat.searches")
	}
	return nil
}
