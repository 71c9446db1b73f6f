"""Words that offer something: opinions of consumer protection, advice cards, published rates; on both databases."""
