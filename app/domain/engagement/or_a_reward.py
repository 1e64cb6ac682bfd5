"""What cards, challenges and surprises say of bringing a reward instead of points."""

OR_A_REWARD = (
    "a reward, told by its key, to be taken for nothing; without one, it is points"
)
# As long as any id of a reward.
REWARD_MOST = 100
