"""What cards, challenges and surprises say of bringing a reward instead of points."""

OR_A_REWARD = "the key of a reward, to be taken for nothing; left empty, it is points"
# As long as any id of a reward.
REWARD_MOST = 100
