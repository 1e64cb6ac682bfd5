"""What members earn beside orders: actions, stamp cards, challenges, surprises."""
